"""About 200 KB of Clojure that looks like a program, the same each time."""

import random

_NOUNS = ("order", "user", "invoice", "session", "token", "ledger", "queue", "record", "event")
_VERBS = ("parse", "merge", "fetch", "validate", "render", "index", "group", "close", "emit")
_NS = """(ns ^{:author "Somebody" :doc "Orders (and what comes of them)."} shop.core
  (:require [clojure.string :as str]
            [clojure.set :refer [union difference]]
            #?(:clj [clojure.java.io :as io])))

"""
_FUNCTION = """;; {verb} the {noun}; see (#{number}) for why "open" ones are skipped
(defn {verb}-{noun}-{number}
  "Takes a {noun} and {verb}s it (once).

  Returns a map of :{noun} and :status, or nil when there is \\"nothing\\" to do."
  [{{:keys [id name {noun}s] :as {noun}}} & [opts]]
  (let [started (System/nanoTime)
        limit   (or (:limit opts) {number})
        kept    (->> {noun}s
                     (filter #(and (some? %) (< (:size %) limit)))
                     (map (fn [x] (update x :name str/trim)))
                     (remove (comp #{{:closed \\x}} :state)))]
    (when-not (str/blank? name)
      (doseq [[k v] (group-by :kind kept)]
        (swap! registry assoc-in [:{noun} id k] {{:count (count v) :first (first v)}})) ; keep
      (if (re-matches #"^[a-z(]+-\\d{{2,}}\\)?$" name)
        {{:status :ok :{noun} (into [] kept) :took (- (System/nanoTime) started)}}
        (throw (ex-info "bad name: )" {{:name name :id id}}))))))

"""
_VALUE = """(def ^:private ^:dynamic *{noun}-{number}*
  {{:limit {number} :names ["{noun}" "{verb}"] #_ #_:old 1 :ratio 0.{number} :sep \\,}})

"""
_COMMENT = """(comment
  (def sample {{:id {number} :name "{noun}-{number}"}})
  ({verb}-{noun}-{number} sample {{:limit 10}})
  @(future (Thread/sleep {number}) '(done))
  )

"""


def sample(size: int = 200_000, seed: int = 1) -> str:
    """Clojure text of at least `size` characters, in ASCII, cut after a top-level form."""
    chance = random.Random(seed)
    parts, length = [_NS], len(_NS)
    while length < size:
        template = chance.choices((_FUNCTION, _VALUE, _COMMENT), weights=(6, 3, 1))[0]
        part = template.format(
            noun=chance.choice(_NOUNS), verb=chance.choice(_VERBS), number=chance.randrange(9999)
        )
        parts.append(part)
        length += len(part)
    return "".join(parts)
