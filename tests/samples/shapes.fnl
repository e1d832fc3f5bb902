(local str (require :string))
(local {:upper up : lower} (require :text))
(import-macros {: when-let} :macros)

(var count 0)
(fn area [{: radius &as shape} ...]
  "The area of a circle."
  (let [[x y & rest] [1 2 3]
        (ok? value) (pcall #(+ $1 $2) x y)]
    (set count (+ count 1))
    (each [k v (pairs shape)] (print k v (str.format "%s" k)))
    (for [i 1 10 2] (print i radius ...))
    (icollect [_ v (ipairs rest)] (* v 2))))

(macro unless [test & body] `(if ,test nil (do ,(unpack body))))
(lambda scale [shape ?factor] (-> shape (. :radius) (* (or ?factor 1)) (up)))
(match [1 2] [a b] (+ a b) _ nil)
{:area area :scale scale}
