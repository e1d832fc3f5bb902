(define-module (demo shapes)
  #:use-module ((srfi srfi-1) #:prefix s:)
  #:export (area))

(define limit 10) ; most
(define-record-type circle (make-circle radius) circle? (radius circle-radius))
#| A block
   comment (with parens |#
(define (area shape . options)
  "The area."
  (define (square x) (* x x))
  (let loop ((n 0) (done '()))
    (if (> n limit)
        (s:fold + 0 done)
        (loop (+ n 1) (cons (square n) done)))))
(define-syntax unless*
  (syntax-rules () ((_ test body ...) (if test #f (begin body ...)))))
(let* ((a 1) (b (+ a #\a))) (let-values (((x y) (values a b))) `(,x ,@(list y))))
(do ((i 0 (+ i 1))) ((= i 3)) (display i))
(lambda (x #:optional (y 2) . rest) (list x y rest))
