(ns demo.shapes
  "Shapes and their areas."
  (:require [clojure.string :as str :refer [join]]
            [clojure.set :as-alias set])
  (:import (java.util Date UUID)
           java.io.File))

(defprotocol Shape
  "What has an area."
  (area [this] "In square units.")
  (scale [this factor]))

(defrecord Circle [radius]
  Shape
  (area [_] (* Math/PI radius radius))
  (scale [this factor] (update this :radius * factor)))

(def ^:private limit 10) ; never more

(defn- clamp
  "Keeps `n` below [[limit]]."
  ([n] (clamp n limit))
  ([n most] (min n most)))

(defmacro unless [test & body]
  `(if ~test nil (do ~@body)))

(defmulti describe :kind)
(defmethod describe :circle [{:keys [radius] :or {radius 1} :as shape}]
  (str "circle of " radius (when-let [name (:name shape)] (str/upper-case name))))

(defn total [shapes & {:keys [scale-by] :as options}]
  (let [[first-shape & others :as all] shapes
        {:keys [:demo/unit ::kind] n :count} options
        sum #(reduce + (map area %&))]
    (loop [left all, done 0]
      (if (empty? left)
        (->> others (map area) (filter pos?) (reduce + done (sum all)))
        (recur (rest left) (cond-> done scale-by (* scale-by) n (+ n 😀)))))))

(comment
  (total [(->Circle 1) (map->Circle {:radius 2})])
  #_(unless false (Date. 0) (.getName (File. "x\ty")))
  #?(:clj (UUID/randomUUID) :cljs nil)
  '(quoted first-shape) #"re\gex" \newline #inst "2020-01-01")
