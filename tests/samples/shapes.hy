(import os [path :as p]
        datetime [date timedelta])
(require hyrule [-> ->>])

(setv limit 10)

(defn [staticmethod] clamp [n #^ int [most limit] #* more #** options]
  "Keeps n below most."
  (setv found (min n most))
  (for [x more :if x] (print x f"{x !r} {found}"))
  (lfor i (range 3) j more :setv k (+ i j) :if k k))

(defclass Circle [object]
  "A circle."
  (setv sides 0)
  (defn __init__ [self radius] (setv self.radius radius))
  (defn area [self] (* 3.14 self.radius self.radius)))

(defmacro unless [test #* body]
  `(if ~test None (do ~@body)))

(let [a 1 [b #* rest] [2 3]]
  (with [f (open "x")] (.write f #[[raw ]] text]]))
  (try (p.join a b) (except [e [ValueError KeyError]] (print e)) (else rest)))
