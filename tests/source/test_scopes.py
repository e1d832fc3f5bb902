"""Locals: where they are bound and used in each language, and what must hold on any text."""

import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.languages import LANGUAGES
from nrepl_lsp.source.languages.bindings import bindings_of
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.locals import scopes
from nrepl_lsp.source.locals.scopes import (
    FORM_LIMIT,
    Local,
    binding_spans,
    local_at,
    local_occurrences,
    locals_at,
)
from nrepl_lsp.source.units import LONG

from .marked import at, shown, snapshot_of

# In each text every place of one local is marked, and nothing else is that local.
CLOJURE = [
    # let
    "(let [«a» 1] «a»)",
    "(let [«a» 1 b «a»] (+ «a» b))",
    "(let [a 1 «a» (inc a)] «a»)",
    "(let [«a» 1 a (inc «a»)] a)",
    "(let [a 1] (let [«a» 2] «a») a)",
    "(let [«a» 1] (let [a 2] a) «a»)",
    "(let [«a» 1] (let [b «a»] «a»)) a",
    "(clojure.core/let [«a» 1] «a»)",
    "(p/let [«a» 1] «a»)",
    "(let [^String «a» 1, ^{:tag b} b 2] «a»)",
    "(let [^long ^:const «a» 1] ^{:x «a»} [«a»])",
    "(let [#_x «a» #_y 1] #_a «a»)",
    "(let [«a» 1] {:a «a» :b #{«a»} :c @«a» :d 'a :e '(a)})",
    "(let [«a» 1] (fn [] «a»))",
    "(let [«a» 1] #(+ % «a»))",
    "(let [«a» 1] (.foo «a» a.b x/a :a))",
    "(let [«a» 1] (binding [*x* «a»] «a»))",
    "(let [«let» 1] («let» [x 2] x))",
    "(let [«a» 1\n (f «a»",
    "(let [«a»",
    "(let [«a»])",
    "(let [[«a» & r :as all] x] [«a» r all])",
    "(let [[a & «r» :as all] x] [a «r» all])",
    "(let [[a & r :as «all»] x] [a r «all»])",
    "(let [[[«a»] [b [c]]] x] (+ «a» b c))",
    "(let [{«a» :b} x] «a» b)",
    "(let [{{[«a»] :c} :b} x] «a»)",
    "(let [{:keys [«a» b]} x] «a» :a)",
    "(let [{:keys [n/«a» b]} x] «a»)",
    "(let [{:keys [:«a» b]} x] «a»)",
    "(let [{:keys [::n/«a»]} x] «a»)",
    "(let [{:n/keys [«a»] :strs [b] :syms [c]} x] «a» b c)",
    "(let [{:n/keys [a] :strs [«b»] :syms [c]} x] a «b» c)",
    "(let [{:n/keys [a] :strs [b] :syms [n/«c»]} x] a b «c»)",
    "(let [{:keys [«a»] :or {«a» 1}} x] «a»)",
    "(let [{:or {«a» 1} :keys [«a»]} x] «a»)",
    "(let [{:keys [«a»] b :b :or {b «a»}} x] «a» b)",
    "(let [{:keys [a] :as «m»} x] «m» a)",
    "(fn [& {:keys [«a»]}] «a»)",
    "(let [#?(:clj «a» :cljs «a») 1] «a»)",
    "(let [#?@(:clj [«a» 1]) b 2] (+ «a» b))",
    "(let [a #?(:clj b :cljs c) «d» 1] «d» a)",
    "(let [«a» 1] #?(:clj «a» :cljs [«a»]))",
    # other forms with bindings
    "(loop [«a» 1] (recur «a»))",
    "(go-loop [«a» 1] «a»)",
    "(a/go-loop [«a» 1] «a»)",
    "(when-let [«a» 1] «a»)",
    "(if-let [«a» 1] «a» a)",
    "(if-some [{:keys [«a»]} a] «a» a)",
    "(let [«a» 0] (if-let [a «a»] a «a»))",
    "(when-first [«a» xs] «a»)",
    "(with-open [«a» (b)] «a»)",
    "(dotimes [«a» 3] «a»)",
    "(for [«a» as :let [b «a»] :when «a» c b] «a»)",
    "(for [a as :let [«b» a] :when «b» c «b»] «b» c)",
    "(doseq [[«k» v] m :while (f «k»)] «k» v)",
    "(for [#?@(:clj [«a» as])] «a»)",
    "(with-redefs [a 1] (let [«a» 2] «a»))",
    "(as-> 1 «$» (f «$»))",
    "(-> 1 (as-> «$» (f «$»)) (g $))",
    "(some-> 1 (as-> [«a»] «a»))",
    "(try 1 (catch Exception «e» «e») (finally e))",
    "(fn [«a»] (case «a» a 1 (a b) «a» «a»))",
    "(are [«a» b] (= «a» b) a 1)",
    "(prop/for-all [«a» gen] «a»)",
    # functions
    "(fn [«a»] «a»)",
    "(fn «f» [a] («f» a))",
    "(fn «f» ([a] («f» a 1)) ([a b] «f»))",
    "(fn ([«a»] «a») ([a b] a))",
    "(fn ([a] a) ([«a» b] «a»))",
    "(fn [«a» & b] {:pre [«a»]} «a»)",
    "(fn [_ «a» _] «a»)",
    "(fn [«_» a «_»] a)",
    "(defn a [«b»] (a «b»))",
    '(defn a "b" {:c d} [«b»] «b»)',
    '(defn a "b" ([«b»] «b») ([b c] c) {:d b})',
    "(defn ^String a ^long [^long «b»] «b»)",
    "(defn- a [«b»] «b»)",
    "(defmacro a [«b»] `(c ~«b» b ~@«b» ~(d «b»)))",
    "(s/defn a :- [b] [«b» :- Int & c] «b»)",
    "(s/defn a :- b [b :- c «c» :- b] «c»)",
    "(defmethod a :b [«c»] «c»)",
    "(defmethod a b «f» [c] («f» c))",
    "(defmethod a [:b :c] [«c»] «c»)",
    "(letfn [(«f» [x] (g x)) (g [y] («f» y))] («f» 1))",
    "(letfn [(f [«x»] (g «x»)) (g [x] x)] (f x))",
    "(letfn [(f ([«x»] «x») ([x y] y))] f)",
    "(defui a [«b»] [:div «b»])",
    "(rum/defc a < b [«b»] «b»)",
    "(def f (fn [«x»] «x»))",
    "(map (fn [«x»] (inc «x»)) x)",
    "#(map inc «%»)",
    "#(+ «%» «%1» %2)",
    "#(+ % %1 «%2»)",
    "#(apply + «%&»)",
    # types
    "(deftype A [«p» q] P (m [this x] («p» x)) (n [_] «p»))",
    "(defrecord A [p] P (m [this «x»] «x») (n [this x] p))",
    "(reify P (m [«this» x] «this») (n [this] this))",
    "(proxy [A] [b] (m [«x»] «x»))",
    "(extend-type A P (m [«this»] «this»))",
    "(extend-protocol P A (m [«this»] «this») B (m [this] this))",
    '(defprotocol P (m [«this»] [«this» x] "this"))',
    "(let [m 1 «n» 2] (reify P (m [_] «n»)))",
    # templates
    "(fn [x] `(let [«y#» ~x] «y#»))",
    "`(a «x#» ~(let [x# 1] x#))",
    "`[«x#» b#]",
    "(let [«a» 1] `(~'a ~«a»))",
    # text that does not balance
    "(defn f [«a»]\n  (let [b «a»\n    (+ «a» b",
    "(defn f [«a»] (g «a»))) )\n(defn h [a] a)",
    "(defn f [«a»] (g «a»\n\n(defn g [a] a)",
    "(defn f [«a»] (g [«a») «a»)",
    # other places
    "(comment (let [«a» 1] «a»))",
    "(do (let [«a» 1] «a») a)",
    "(let [«a» 1] (def a «a»))",
    "(let [«é😀» 1]\r\n «é😀»)",
    "(this-as «self» «self»)",
    "(alt! c ([«v» ch] (f «v»)) :default (v))",
    "(>defn f [«a»] [int? => int?] «a»)",
    "(fn [b] (let [{«a» :a :other (f b)} x] «a»))",
    "(fn [xs] (amap xs «i» r (f «i»)))",
    "(areduce xs i «r» 0 (+ «r» i))",
    # names of other things
    "(defn f [^a «a»] (g ^a «a» ^[a] b ^{:tag «a»} c))",
    "(defn f [«a»] (.. «a» a (a «a») a) (. «a» a) (. «a» (a «a»)) (. x a «a»))",
    "(defn f [«a»] (-> «a» (.. a (a «a»)) (. a «a»)) (memfn a a) (.- «a» a) (new a «a»))",
    "(let [«a» 1] (run #'a @#'a «a»))",
    "(fn [«a»] (binding [a «a»] «a») (with-redefs [a 1 b «a»] «a») (defmethod a «a» [b] «a»))",
    "(let [«a» 1] (reify P (a [_] (a)) (^a b [_] «a»)))".replace("(a))", "(«a»))"),
    "(let [«a» 1] (try «a» (catch a e «a»)))",
]

HY = [
    "(fn [«a»] «a»)",
    "(defn f [«a» [b «a»]] «a» b)",
    "(defn f [a [«b» 1] / c * d] «b»)",
    "(defn f [#* «args» #** kw] «args» kw)",
    "(defn f [#^ int «a»] «a»)",
    "(defn [dec] f [«a»] «a»)",
    "(defn :async f [«a»] «a»)",
    "(defn :tp [T] #^ T f [#^ T «a»] «a»)",
    "(defn #^ int f [«a»] «a»)",
    "(defmacro m [«a»] `(f ~«a» a ~@«a»))",
    "(defn f [] (setv «a» 1) «a»)",
    "(defn f [] (print «a») (setv [«a» b] 1) «a».b)",
    "(defn f [«a»] (setv «a» 1 b 2) «a» b)",
    "(defn f [] (global a) (setv a 1 «b» a) «b»)",
    "(defn f [«a»] (defn g [] (nonlocal «a») (setv «a» 1)) «a»)",
    "(defn f [a] (defn g [] (setv «a» 1) «a») a)",
    "(defn f [] (for [«x» xs] «x») «x»)",
    "(defn f [] (for [x xs :if x :setv «y» x] «y»))",
    "(defn f [] (with [«h» (open p)] («h».read)))",
    "(defn f [] (with [(lock)] 1) (with [_ (lock) «b» 1] «b»))",
    "(defn f [] (setx «a» 1) «a»)",
    "(defn f [] (defn «g» [] («g»)) («g»))",
    "(defn f [] (setv x.y 1) (setv «z» x.y) «z»)",
    "(defn f [«my-arg»] «my_arg»)",
    "(let [«a» 1 b «a»] «a» b)",
    "(let [a 1 «a» a] «a»)",
    "(let [[«a» #* b] x] «a»)",
    "(defn f [] (let [a 1] (setv a 2)) (setv «a» 3) «a»)",
    "(defn f [] (let [«a» 1] (setv «a» 2) «a») a)",
    "(lfor «x» xs «x»)",
    "(defn f [] (lfor «x» xs (setx «x» 1)) x)",
    "(defn f [] (lfor x xs (setx x 1)) «x»)",
    "(lfor x xs :if x «y» x (f x «y»))",
    "(lfor :async «x» xs :setv y «x» :do (f «x») y)",
    "(dfor «k» ks «k» 1)",
    "(dfor [«k» v] ks [«k» v])",
    "(dfor k ks «v» k k «v»)",
    "(try 1 (except [«e» [A B]] «e») (except [E] e))",
    "(try 1 (except [] e) (except [«e» E] «e»))",
    "(match x [«a» b] (+ «a» b) a a)",
    "(match x (A «a» :k b) «a» {1 c} c)",
    "(match x y :as «z» :if (f «z») «z» _ z)",
    "(defclass A [] (setv x 1) (defn f [self «x»] «x»))",
    "#%(+ «%1» %2)",
    "(defn f [«a»] (. «a» a [«a»] (a «a»)))",
    "(defn f [«a»] (g «a»",
    "(defn f [«a»] (import a) #_ a '(a) «a»)",
]

FENNEL = [
    "(fn f [«a»] «a»)",
    "(fn [«a» ?b ...] (+ «a» ?b))",
    "(lambda f [a «?b»] «?b»)",
    "(λ [«a»] «a».b («a»:c))",
    "(fn f [] (local «x» 1) (+ «x» 1))",
    "(fn f [] (local x 1) (local «x» x) «x»)",
    "(fn f [] (var «x» 1) (set «x» 2))",
    "(fn f [] (do (local «x» 1) «x») x)",
    "(fn f [] (fn «g» [x] («g» x)) («g» 1))",
    "(fn f [t] (fn t.g [x] x) (local «y» t.x) «y»)",
    "(fn f [«t»] (fn «t».g [x] x))",
    "(fn f [] (local {:k «v» : n} x) [«v» n])",
    "(fn f [] (local {:k v : «n»} x) [v «n»])",
    "(fn f [] (local (a «b») (g)) «b»)",
    "(let [«a» 1 b «a»] «a» b)",
    "(let [[«a» & r] x {:x [y]} z] «a» r y)",
    "(let [(«a» b) (f)] (+ «a» b))",
    "(let [[a &as «t»] x] «t» a)",
    "(let [«x» 1] {: «x» :y «x»})",
    "(each [«k» v (pairs t)] (f «k» v))",
    "(each [k «v» (pairs t) &until «v»] «v»)",
    "(each [k «v» iterator] «v»)",
    "(for [«i» 1 10 &until (f «i»)] «i»)",
    "(icollect [_ «x» (ipairs xs)] «x»)",
    "(collect [k «x» (pairs t)] k «x»)",
    "(accumulate [«s» 0 i x (ipairs t)] (+ «s» x))",
    "(accumulate [s 0 i «x» (ipairs t)] (+ s «x»))",
    "(fcollect [«i» 1 3] «i»)",
    "(faccumulate [«s» 0 i 1 3] (+ «s» i))",
    "(case x [«a» b] (+ «a» b) a a)",
    "(case x {: «a»} «a» {:b a} 1)",
    "(case x (where [«a»] (f «a»)) «a» _ a)",
    "(case x (where (or [«a»] {:b «a»})) «a»)",
    "(case x (= a) 1 «b» «b»)",
    "(fn f [«a»] (match x «a» 1 [«a» b] «a»))",
    "(match x («a» ? (f «a»)) «a»)",
    "(match (f) (nil «err») «err» true 1)",
    "(case-try (f) «a» (g «a») b («a» b) (catch [e] e))",
    "#(+ «$» «$1» $2)",
    "#[«$2» $]",
    "#(«$».x $2)",
    "(macro m [«a»] `(f ,«a» a))",
    "(fn f [«a»] (local b",
    "(with-open [«f» (io.open p)] («f»:read))",
]

SCHEME = [
    "(define (f «a» . b) (+ «a» b))",
    "(define (f a . «b») (+ a «b»))",
    "(define ((f «a») b) («a» b))",
    "(lambda («a» b) «a»)",
    "(lambda «args» «args»)",
    "(case-lambda ((«a») «a») ((a b) a))",
    "(case-lambda («a» «a») ((a b) a))",
    "(define (f) (define «x» 1) «x»)",
    "(define (f) (g «x») (define «x» 1) 2)",
    "(define (f) (define («g» x) («g» x)) («g» 1))",
    "(define (f) (begin (define «x» 1)) «x»)",
    "(define (f) (define-values («a» b) (g)) «a»)",
    "(define x (let () (define «y» 1) «y»))",
    "(let ((«a» 1) (b a)) «a»)",
    "(let ((a 1) («b» a)) «b»)",
    "(let* ((«a» 1) (b «a»)) «a»)",
    "(letrec ((«f» (lambda () (g))) (g (lambda () («f»)))) («f»))",
    "(let «loop» ((i 0)) («loop» (+ i 1)))",
    "(let loop ((«i» 0)) (loop (+ «i» 1)))",
    "(let-values (((«a» b) (f)) (c d)) «a»)",
    "(let*-values (((«a» b) (f)) ((c) «a»)) «a»)",
    "(and-let* ((«x» (f)) ((g «x»))) «x»)",
    "(do ((«i» 0 (+ «i» 1)) (j i)) ((= «i» 3) «i») «i»)",
    "(receive («a» . b) (f a) «a»)",
    "(guard («e» ((f «e»)) (else «e»)) e)",
    "(lambda («x») (case «x» ((x y) «x») (else «x»)))",
    "(define (f #!optional «a») «a»)",
    "(define x '(let ((a 1)) a)) (lambda («a») «a»)",
    "(lambda («a») `(a ,«a» ,@«a»))",
    "(match x ((«a» b) (+ «a» b)) (a a))",
    "(match x ((? p «a») «a»))",
    "(match x (`(k ,«v») «v»))",
    "(define (f «a»)\n  (let ((b «a»",
    "(begin (define (f «a») «a»))",
    "(define-syntax m (syntax-rules () ((_ a) a))) (lambda («a») «a»)",
    "(lambda («a») #;a (f «a») #| a |# «a»)",
]

RACKET = [
    "(define (f «a» [b «a»] #:k [c 1]) (+ «a» b c))",
    "(define (f a [«b» a] #:k [c 1]) (+ a «b» c))",
    "(define (f a #:k «c») (+ a «c»))",
    "(lambda ([«a» 1]) «a»)",
    "(let ([«a» 1]) «a»)",
    "(for ([«x» xs] [y x]) «x»)",
    "(for ([x xs] #:when x [«y» x]) «y»)",
    "(for* ([«x» xs] [y «x»]) «x»)",
    "(for/list ([(«k» v) (in-hash h)]) «k»)",
    "(for/fold ([«a» 0] [b 1]) ([x xs]) (+ «a» x))",
    "(for/fold ([a 0]) ([«x» a]) (+ a «x»))",
    "(for/vector #:length n ([«x» xs]) «x»)",
    "(match x [(list «a» b) (+ «a» b)] [(cons a _) a])",
    "(match x [(point «a» b) «a»])",
    "(match x [(? number? «n») «n»] [`(a ,n) n])",
    "(match-let ([(cons «a» b) x]) «a»)",
    "(let/ec «k» («k» 1))",
    "(define/contract (f «a») (-> x b) «a»)",
]

COMMON_LISP = [
    "(defun f («a» b) (+ «a» b))",
    "(defun f (a &optional («b» 1) (c «b» c-p)) (+ a «b»))",
    "(defun f (&key («a» 1 a-p) ((:b c) «a»)) (list «a» c))",
    "(defun f (&key (a 1 «a-p»)) «a-p» a)",
    "(defun f (&key ((:b «c») 1)) «c»)",
    "(defun f (&rest «args» &aux (x «args»)) x)",
    "(defun f («A») «a»)",
    "(defmacro m ((«a» b) &body c) `(f ,«a» a ,@c))",
    "(lambda («x») «x»)",
    "#'(lambda («x») «x»)",
    "(defmethod f ((«a» b) (c (eql d))) «a»)",
    "(defmethod f :around (a «b» &key c) «b»)",
    "(let ((«a» 1) (b a)) «a»)",
    "(let (a «b») (setq «b» 1))",
    "(let* ((«a» 1) (b «a»)) «a»)",
    "(let ((«list» 1)) (list «list»))",
    "(flet ((«f» (x) (f x))) («f» 1) #'«f» f)",
    "(flet ((f («x») «x»)) (f x))",
    "(labels ((«f» (x) («f» x)) (g () («f» 1))) (function «f»))",
    "(macrolet ((m («x») `(f ,«x»))) (m x))",
    "(multiple-value-bind («a» b) (f a) «a»)",
    "(destructuring-bind («a» (b &rest c)) x (list «a» b c))",
    "(dolist («x» xs «x») «x»)",
    "(dotimes («i» 3) «i»)",
    "(do ((«i» 0 (1+ «i»))) ((= «i» 3) «i») «i»)",
    "(with-open-file («s» path :direction :input) (read «s»))",
    "(with-slots («a» (b c)) x «a»)",
    "(with-slots (a («b» c)) x «b» c)",
    "(handler-case (f) (error («e») «e») (:no-error (x) x))",
    "(lambda («a») (cond («a» «a») (t (a))))",
    "(lambda («k») (case «k» (k 1) ((k b) «k»)))",
    "(loop for «x» in xs collect «x»)",
    "(loop for («a» . b) in xs do (f «a»))",
    "(loop with «x» = 1 for y = «x» collect y into z)",
    "(loop for x in xs collect x into «z» finally (return «z»))",
    "(loop :for «x» :in xs :collect «x»)",
    "(loop for x in xs and «y» = 1 do (f «y»))",
    "(lambda («x») (declare (ignore «x»)) 'x)",
    "(progn (let ((«a» 1)) «a»))",
    "(defun f («a»)\n  (let ((b «a»",
    "(defvar x (let ((«a» 1)) «a»))",
]

JANET = [
    "(fn [«a»] «a»)",
    "(fn «f» [a] («f» a))",
    '(defn f "doc" [«a» & r] «a» r)',
    "(defn f [a &opt «b»] «b»)",
    "(defn f [&keys {:k «v»}] «v»)",
    "(defn f [&named «a» b] «a»)",
    "(defn f [] (def «x» 1) «x»)",
    "(defn f [] (def x 1) (def «x» x) «x»)",
    "(defn f [] (var «x» 1) (set «x» 2))",
    "(defn f [] (def [«a» {:k b}] x) [«a» b])",
    "(defn f [] (def {:k «v»} x) «v»)",
    "(defn f [] (defn «g» [x] («g» x)) («g» 1))",
    "(defn f [] (do (def «x» 1) «x») x)",
    "(let [«a» 1 [b] «a»] «a» b)",
    "(if-let [«a» 1] «a» a)",
    "(when-let [«a» 1] «a»)",
    "(for «i» 0 10 (f «i»))",
    "(each «x» xs «x»)",
    "(eachp [«k» v] m (f «k» v))",
    "(loop [«x» :in xs :let [y «x»] :when «x»] (f «x» y))",
    "(seq [[«k» v] :pairs m] «k» v)",
    "(generate [«x» :range [0 3]] «x»)",
    "(with [«f» (open p) close] (read «f»))",
    "(if-with [«f» (open p)] «f» f)",
    "(match x [«a» b] (+ «a» b) {:k a} a)",
    "(match x ([«a»] (f «a»)) «a» _ a)",
    "(fn [«p»] (match x (@ «p») 1))",
    "(try (f) ([«err» fib] «err»))",
    "(as-> x «y» (f «y»))",
    "|(+ «$» «$0» $1)",
    "(defmacro m [«a»] ~(f ,«a» a))",
    "(upscope (defn f [«a»] «a»))",
    "(defn f [«a»] (g «a»",
]

TABLES = {
    "clojure": CLOJURE,
    "basilisp": ["(let [«a» 1] «a»)", "(defn f [& {:keys [«a»]}] «a»)"],
    "hy": HY,
    "fennel": FENNEL,
    "scheme": SCHEME,
    "racket": [*SCHEME[:6], *RACKET],
    "commonlisp": COMMON_LISP,
    "janet": JANET,
}


def marked(text: str) -> tuple[str, list[Span]]:
    """A text without its marks, and what they enclose."""
    plain, spans = "", []
    for number, part in enumerate(text.replace("»", "«").split("«")):
        if number % 2:
            spans.append(Span(len(plain), len(plain) + len(part)))
        plain += part
    return plain, spans


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in TABLES.items() for text in texts],
)
def test_a_local_is_bound_and_used_at_the_marks(language: str, text: str) -> None:
    plain, spans = marked(text)
    snapshot = snapshot_of(plain, language)
    for span in spans:
        for offset in (span.start, span.end):
            local = local_at(snapshot, offset)
            assert local is not None, plain[: span.start]
            assert local_occurrences(snapshot, local) == spans


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(let [a 1 b 2] |)", ["b", "a"]),
        ("(let [a 1 b |] )", ["a"]),
        ("(let [a 1| b 2] )", []),
        ("(let [a 1 b 2]) |", []),
        ("(let [a 1] (let [a 2] |))", ["a"]),
        ("(fn f [a & bs] |", ["bs", "a", "f"]),
        ("(fn [a] (if-let [b 1] (x |) b))", ["b", "a"]),
        ("(fn [a] (if-let [b 1] x (|)))", ["a"]),
        ("(fn [_ a] #(f % |))", ["%", "a"]),
        ("(defn f [a]\n  (let [b a\n        c |", ["b", "a"]),
        ("(defn f [a]\n  (|\n\n(defn g [c] c)", ["a"]),
        ("(deftype A [x] P (m [this] |))", ["this", "x"]),
        ("|(let [a 1] a)", []),
        ("(let [a 1] a)|", []),
        ("(let [a 1] a|)", ["a"]),
        ("|", []),
    ],
)
def test_visible_locals_come_innermost_first(text: str, names: list[str]) -> None:
    snapshot, offset = at(text)
    assert [local.name for local in locals_at(snapshot, offset)] == names


@pytest.mark.parametrize(
    "text",
    [
        "(let [a 1] b|)",
        "(let [a 1] :a|)",
        '(let [a 1] "a|")',
        "(let [a 1] ; a|\n)",
        "(let [a 1] '|a)",
        "(let [a 1] #_ |a)",
        "(let [a 1] 12|)",
        "|",
        "(let [a 1] x.y/a|)",
        "(binding [*a*| 1])",
        "(fn [a] (let [b 1] c|))",
        "(defn a| [])",
        "(-> x (as-> $ 1) $|)",
        "('|a)",
    ],
)
def test_what_is_no_local(text: str) -> None:
    assert local_at(*at(text)) is None


@pytest.mark.parametrize("language", ["edn", "plaintext"])
def test_data_and_plain_text_have_no_locals(language: str) -> None:
    snapshot, offset = at("(let [a 1] a|)", language)
    assert local_at(snapshot, offset) is None
    assert locals_at(snapshot, offset) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(fn [a|] a)", ("a", "a", "parameter")),
        ("(fn f| [a] a)", ("f", "f", "function")),
        ("(let [x 1] @|x)", ("x", "x", "local")),
        ("(let [x 1] |@x)", ("x", "x", "local")),
        ("(let [{:keys [n|s/x]} 1] x)", ("x", "x", "local")),
    ],
)
def test_what_a_local_says_of_itself(text: str, expected: tuple[str, str, str]) -> None:
    snapshot, offset = at(text)
    local = local_at(snapshot, offset)
    assert local is not None
    assert (local.name, shown(snapshot, local.binding), local.kind) == expected


def test_on_a_member_there_is_no_local() -> None:
    snapshot, offset = at("(fn [x] x.y|)", "fennel")
    assert local_at(snapshot, offset) is None


def test_scopes_end_where_the_form_does() -> None:
    text = "(let [a 1] (if-let [b a] b c))"
    snapshot = snapshot_of(text)
    b, a = locals_at(snapshot, text.index("b c") + 1)
    assert shown(snapshot, a.scope) == "] (if-let [b a] b c)"
    assert shown(snapshot, b.scope) == "] b"


def test_a_local_may_be_bound_in_several_places() -> None:
    snapshot, offset = at("(let [#?(:clj a :cljs a) 1] |a)")
    local = local_at(snapshot, offset)
    assert local is not None
    assert [span.start for span in binding_spans(snapshot, local)] == [14, 22]


def test_a_local_of_another_text_is_nowhere() -> None:
    local = Local("a", Span(1, 2), Span(2, 3), "local")
    assert local_occurrences(snapshot_of("(let [a 1] a)"), local) == []
    assert local_occurrences(snapshot_of(""), local) == []


def test_a_long_comment_is_looked_at_form_by_form() -> None:
    forms = "\n".join(f"(let [x{number} 1] x{number})" for number in range(LONG // 10))
    snapshot, offset = at(f"(comment\n{forms}\n(let [a 1] |a)) (let [b 1] b)")
    assert [local.name for local in locals_at(snapshot, offset)] == ["a"]
    assert locals_at(snapshot, 3) == []
    local = local_at(snapshot, len(snapshot.text) - 2)
    assert local is not None
    assert local.name == "b"


def test_a_form_that_is_too_long_has_no_locals() -> None:
    snapshot, offset = at("(let [a 1] |a " + "x " * (FORM_LIMIT // 2) + ")")
    assert local_at(snapshot, offset) is None


def test_only_so_much_is_remembered() -> None:
    memory = scopes._Memory(100)
    for number in range(1000):
        assert memory.scopes("clojure", f"(let [a{number} 1] a{number})").uses
    assert 0 < memory.characters <= 100
    assert memory.scopes("clojure", "(let [a 1] " + "a " * 100 + ")").uses
    assert memory.characters == 0


def test_what_two_threads_look_at_at_once_is_remembered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The project's files are searched in a thread, while the event loop asks too."""
    text = "(let [a 1] a)"
    memory = scopes._Memory(len(text))
    look, others = scopes._look, [threading.Thread(target=memory.scopes, args=("clojure", text))]

    def look_at_the_same_time(language: str, text: str) -> scopes.Scopes:
        if others:
            other = others.pop()
            other.start()
            other.join()
        return look(language, text)

    monkeypatch.setattr(scopes, "_look", look_at_the_same_time)
    found = memory.scopes("clojure", text)

    assert memory.characters == len(text)
    assert memory.scopes("clojure", text) is memory.scopes("clojure", text)
    assert found.uses == memory.scopes("clojure", text).uses


def test_lists_may_nest_deeply() -> None:
    snapshot, offset = at("(let [a 1] " + "(" * 3000 + "|a" + ")" * 3000 + " a)")
    assert local_at(snapshot, offset) is None
    assert [local.name for local in locals_at(snapshot, 12)] == ["a"]


SAMPLES = [
    (language, "\n".join(marked(text)[0] for text in texts)) for language, texts in TABLES.items()
]
MUTANTS = 6


def mutants(text: str, seed: int) -> list[str]:
    """Texts with something cut out, doubled or put in."""
    chance = random.Random(seed)
    found = []
    for _ in range(MUTANTS if text else 0):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice((1, 1, 2, 5, 40)))
        put = chance.choice(
            ["", "", "(", ")", "[", "]", "{", '"', "#_", "`", "#", text[start:end] * 2]
        )
        found.append(text[:start] + put + text[end:])
    return found


def check_all_that_holds(text: str, language: str, step: int = 1) -> None:
    snapshot = snapshot_of(text, language)
    for offset in range(0, len(text) + 1, step):
        visible = locals_at(snapshot, offset)
        assert len({local.name for local in visible}) == len(visible)
        for local in visible:
            assert 0 <= local.binding.start < local.binding.end <= len(text)
            assert 0 <= local.scope.start < offset <= local.scope.end <= len(text)
        local = local_at(snapshot, offset)
        if local is None:
            continue
        spans = local_occurrences(snapshot, local)
        assert local.binding in spans
        assert spans == sorted(set(spans))
        for span in spans:
            assert local_at(snapshot, span.start) == local


@pytest.mark.parametrize(("language", "text"), SAMPLES)
def test_occurrences_are_closed_at_every_place(language: str, text: str) -> None:
    check_all_that_holds(text, language)


@pytest.mark.parametrize(("language", "text"), SAMPLES)
def test_the_same_holds_in_mutilated_texts(language: str, text: str) -> None:
    for seed, form in enumerate(text.split("\n")):
        for mutant in mutants(form, seed):
            check_all_that_holds(mutant, language, 3)


PIECES = st.sampled_from(
    [
        *("(", ")", "[", "]", "{", "}", " ", "\n", "a", "b", "x.y", ":a", ":keys", "&", "'", "`"),
        *(
            "~",
            ",",
            "#",
            "#_",
            "#?",
            "#?@",
            "^",
            "@",
            "1",
            '"s"',
            "%",
            "$",
            ".",
            "|",
            "fn ",
            "let ",
        ),
        *(
            "for ",
            "match ",
            "case ",
            "do ",
            "loop ",
            "define ",
            "defn ",
            "local ",
            "setv ",
            "flet ",
        ),
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from([one.id for one in LANGUAGES]))
def test_the_same_holds_in_any_text(text: str, language: str) -> None:
    check_all_that_holds(text, language, 2)


@pytest.mark.parametrize("language", [one.id for one in LANGUAGES])
def test_every_head_may_stand_alone_and_before_anything(language: str) -> None:
    family = next(one.family for one in LANGUAGES if one.id == language)
    for head in bindings_of(family, language).forms:
        for rest in ("", " a", " [", " (", " [a", " a [b", " (a) b", " ((a", " {a b} c", " 1 2 3"):
            check_all_that_holds(f"({head}{rest}", language)
            check_all_that_holds(f"(x ({head}{rest}))]", language, 2)


@pytest.mark.parametrize("language", ["clojure", "hy", "fennel", "scheme", "commonlisp", "janet"])
@pytest.mark.parametrize(
    "opening", ["(fn [", "(let [", "(let ((", "(match x ", "`(~", "(defun f (", "{"]
)
def test_no_nesting_is_too_deep(language: str, opening: str) -> None:
    text = opening * 400 + "a"
    snapshot = snapshot_of(text, language)
    assert local_at(snapshot, len(text)) is None
    assert len(locals_at(snapshot, len(text))) <= 2
