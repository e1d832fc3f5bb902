#lang racket
(require (prefix-in l: racket/list) racket/string)
(provide area)
(struct circle (radius #:mutable) #:transparent)
(define (area s #:scale [scale 1]) (* scale (circle-radius s)))
(define-values (a b) (values 1 2))
(module+ test
  (for/list ([x (in-range 3)] #:when (odd? x)) (string-append "a" (~a x)))
  (match (list 1 2) [(list x y) (+ x y)] [_ #f])
  (let-values ([(p q) (values 1 2)]) (case-lambda [(x) x] [(x . y) y])))
