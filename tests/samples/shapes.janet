(import ./other :as o)
(def limit 10)
(var count 0)
(defn area
  "The area."
  [{:radius r} & rest]
  (def square (* r r))
  (each x rest (set count (+ count x)))
  (for i 0 10 (print i (o/scale square)))
  (let [[a b] @[1 2] f |(+ $ a)] (f b))
  (if-let [x (get @{:a 1} :a)] (-> x (+ 1) (string "``long ` string``")) ~(quasi ,x)))
(defn- hidden [x] (loop [i :range [0 x] :when (odd? i)] (yield i)))
(defmacro unless* [test & body] ~(if ,test nil (do ,;body)))
(comment (area {:radius 1} 2))
