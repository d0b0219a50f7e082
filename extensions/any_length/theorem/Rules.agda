-- The rules for the tables: what two fingers may read next, and what is right to write then. Following them, a table
-- writes what a child writes at school (School.agda), and a blank.

module Rules where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Nat
open import Agda.Builtin.Sigma
open import Statement
open import Basics
open import Simulation
open import School

-- A finger is on a digit of its number, or the number has ended: it is on the blank or the sign that stands there. Only
-- at the very end, when the last carry has been written, it may be elsewhere nearby, on another digit or on "=".
data Read : Set where
  [_] : Digit → Read
  ended beyond : Read

infix 6 _||_
data Symbol : Set where
  _||_ : (first second : Read) → Symbol

-- What is kept: before the first step, nothing; then which numbers are known to have ended, the second number if it
-- has one digit, and the carry, borrow or remainder; that the last carry has been written, and the second number if it
-- has one digit; and that a blank has been written.
data Kept : Set where
  start done : Kept
  finished : (one-digit : Digit) → Kept
  kept : (first second : Bool) (one-digit carry : Digit) → Kept

Rule : Set
Rule = Kept → List (Case Symbol Kept)

all-digits : List Read
all-digits = map [_] digits

may-read : Bool → List Read
may-read true = ended ∷ []
may-read false = ended ∷ all-digits

pairs : List Read → List Read → List Symbol
pairs [] qs = []
pairs (r ∷ rs) qs = map (r ||_) qs ++ pairs rs qs

worth : Read → Digit
worth [ d ] = d
worth _ = d0

is-ended : Read → Bool
is-ended [ d ] = false
is-ended _ = true

-- ---- The four rules -------------------------------------------------------------------------------------------------

the-end : Symbol → Case Symbol Kept
the-end s = case s blank done

-- Both numbers have ended: the last carry is written, if it is not 0, and then the blank.
at-end : Digit → Symbol → Kept → Case Symbol Kept
at-end c s next with digit c == 0
... | true = the-end s
... | false = case s (digit c) next

sum-case : Digit → Symbol → Case Symbol Kept
sum-case c (ended || ended) = at-end c (ended || ended) (finished d0)
sum-case c (r || q) with add (worth r) (worth q) c
... | column w t = case (r || q) (digit w) (kept (is-ended r) (is-ended q) d0 t)

-- lasts: what may be read when the last carry has been written: it depends on the moves.
sum-rule : (lasts : Digit → List Symbol) → Rule
sum-rule lasts start = map (sum-case d0) (pairs all-digits all-digits)
sum-rule lasts (kept a b _ c) = map (sum-case c) (pairs (may-read a) (may-read b))
sum-rule lasts (finished d) = map the-end (lasts d)
sum-rule lasts done = []

difference-case : Digit → Symbol → Case Symbol Kept
difference-case c (r || q) with subtract (worth r) (worth q) c
... | column w t = case (r || q) (digit w) (kept false (is-ended q) d0 t)

difference-end : Digit → List (Case Symbol Kept)  -- where the first number ends, nothing is borrowed
difference-end c with digit c == 0
... | true = the-end (ended || ended) ∷ []
... | false = []

difference-rule : Rule
difference-rule start = map (difference-case d0) (pairs all-digits all-digits)
difference-rule (kept a b _ c) = difference-end c ++ map (difference-case c) (pairs all-digits (may-read b))
difference-rule _ = []

product-case : Digit → Digit → Read → Case Symbol Kept
product-case d c [ x ] with multiply x d c
... | column w t = case ([ x ] || [ d ]) (digit w) (kept false false d t)
product-case d c r = at-end c (r || [ d ]) (finished d)

product-first : Symbol → Case Symbol Kept
product-first (r || q) = product-case (worth q) d0 r

product-rule : (lasts : Digit → List Symbol) → Rule
product-rule lasts start = map product-first (pairs all-digits all-digits)
product-rule lasts (kept a _ d c) = map (product-case d c) (may-read a)
product-rule lasts (finished d) = map the-end (lasts d)
product-rule lasts done = []

quotient-case : Digit → Digit → Read → Case Symbol Kept
quotient-case d c [ x ] with divide x d c
... | column w t = case ([ x ] || [ d ]) (digit w) (kept false false d t)
quotient-case d c r = the-end (r || [ d ])

from-one : List Digit
from-one = d1 ∷ d2 ∷ d3 ∷ d4 ∷ d5 ∷ d6 ∷ d7 ∷ d8 ∷ d9 ∷ []

quotient-first : Symbol → Case Symbol Kept
quotient-first (r || q) = quotient-case (worth q) d0 r

quotient-rule : Rule
quotient-rule start = map quotient-first (pairs all-digits (map [_] from-one))
quotient-rule (kept _ _ d c) = map (quotient-case d c) (may-read false)
quotient-rule _ = []

-- ---- What is read, from the first step to the one that writes the blank ---------------------------------------------

rest : Digit → Symbol → Symbol → List Symbol  -- if there is a carry to write, there is one step more, which reads l
rest c s l with digit c == 0
... | true = s ∷ []
... | false = s ∷ l ∷ []

sum-reads : List Digit → List Digit → Digit → Symbol → List Symbol
sum-reads [] [] c l = rest c (ended || ended) l
sum-reads (x ∷ a) (y ∷ b) c l = ([ x ] || [ y ]) ∷ sum-reads a b (keep (add x y c)) l
sum-reads (x ∷ a) [] c l = ([ x ] || ended) ∷ sum-reads a [] (keep (add x d0 c)) l
sum-reads [] (y ∷ b) c l = (ended || [ y ]) ∷ sum-reads [] b (keep (add d0 y c)) l

difference-reads : List Digit → List Digit → List Symbol
difference-reads (x ∷ a) (y ∷ b) = ([ x ] || [ y ]) ∷ difference-reads a b
difference-reads (x ∷ a) [] = ([ x ] || ended) ∷ difference-reads a []
difference-reads [] b = (ended || ended) ∷ []

product-reads : List Digit → Digit → Digit → Symbol → List Symbol
product-reads [] d c l = rest c (ended || [ d ]) l
product-reads (x ∷ a) d c l = ([ x ] || [ d ]) ∷ product-reads a d (keep (multiply x d c)) l

quotient-reads : List Digit → Digit → List Symbol
quotient-reads [] d = (ended || [ d ]) ∷ []
quotient-reads (x ∷ a) d = ([ x ] || [ d ]) ∷ quotient-reads a d

-- ---- Comparing what is kept -----------------------------------------------------------------------------------------

same-bool : Bool → Bool → Bool
same-bool true y = y
same-bool false y = not y

same : Kept → Kept → Bool
same start start = true
same done done = true
same (finished d) (finished d′) = digit d == digit d′
same (kept a b d c) (kept a′ b′ d′ c′) =
  same-bool a a′ & same-bool b b′ & (digit d == digit d′) & (digit c == digit c′)
same _ _ = false

bools : ∀ x y → same-bool x y ≡ true → x ≡ y
bools true true yes = refl
bools false false yes = refl

back : ∀ d → to-digit (digit d) ≡ d
back d0 = refl
back d1 = refl
back d2 = refl
back d3 = refl
back d4 = refl
back d5 = refl
back d6 = refl
back d7 = refl
back d8 = refl
back d9 = refl

same-digit : ∀ x y → (digit x == digit y) ≡ true → x ≡ y
same-digit x y yes = sym (back x) ∙ cong to-digit (equal yes) ∙ back y

sound : ∀ k l → same k l ≡ true → k ≡ l
sound start start yes = refl
sound done done yes = refl
sound (finished d) (finished d′) yes with same-digit d d′ yes
... | refl = refl
sound (kept a b d c) (kept a′ b′ d′ c′) yes
  with bools a a′ (left& yes) | right& {same-bool a a′} yes
... | refl | yes₁ with bools b b′ (left& yes₁) | right& {same-bool b b′} yes₁
... | refl | yes₂ with same-digit d d′ (left& yes₂) | same-digit c c′ (right& {digit d == digit d′} yes₂)
... | refl | refl = refl

-- ---- The rules allow what is read, and say what the child writes ----------------------------------------------------

-- Does rule k xs ws: having kept k, and reading xs, it is right to write the digits ws, and a blank.
Does : Rule → Kept → List Symbol → List Digit → Set
Does rule k xs ws = Follows rule k xs (map digit ws ++ blank ∷ [])

sum-done : ∀ lasts l → l ∈ lasts d0 → ∀ u a v b →
  Does (sum-rule lasts) start (sum-reads (u ∷ a) (v ∷ b) d0 l) (sum (u ∷ a) (v ∷ b) d0)

difference-done : ∀ u a v b n → n + value (v ∷ b) ≡ value (u ∷ a) → (length a < length b) ≡ false →
  Does difference-rule start (difference-reads (u ∷ a) (v ∷ b)) (difference (u ∷ a) (v ∷ b) d0)

product-done : ∀ lasts l u a d → l ∈ lasts d →
  Does (product-rule lasts) start (product-reads (u ∷ a) d d0 l) (product (u ∷ a) d d0)

quotient-done : ∀ u a d → (digit d == 0) ≡ false →
  Does quotient-rule start (quotient-reads (u ∷ a) d) (quotient (u ∷ a) d d0)

-- ---- The proof ------------------------------------------------------------------------------------------------------

in-pairs : ∀ rs qs {r q} → r ∈ rs → q ∈ qs → (r || q) ∈ pairs rs qs
in-pairs (r ∷ rs) qs here q∈ = in-left (in-map (r ||_) q∈)
in-pairs (s ∷ rs) qs (there r∈) q∈ = in-right (map (s ||_) qs) (in-pairs rs qs r∈ q∈)

-- A rule that lists cases of pairs lists this one.
in-cases : ∀ (cases : Symbol → Case Symbol Kept) rs qs r q → r ∈ rs → q ∈ qs → cases (r || q) ∈ map cases (pairs rs qs)
in-cases cases rs qs r q r∈ q∈ = in-map cases {r || q} {pairs rs qs} (in-pairs rs qs r∈ q∈)

a-read : ∀ d → [ d ] ∈ all-digits
a-read d = in-map [_] (a-digit d)

from-one-digit : ∀ d → (digit d == 0) ≡ false → d ∈ from-one
from-one-digit d yes with a-digit d
from-one-digit d () | here
... | there d∈ = d∈

-- What may be read next in a number of which these digits are left. A number that is known to have ended has none.
next-read : List Digit → Read
next-read [] = ended
next-read (x ∷ a) = [ x ]

data Fits : Bool → List Digit → Set where
  unknown : ∀ {a} → Fits false a
  none : Fits true []

reads-it : ∀ {e a} → Fits e a → next-read a ∈ may-read e
reads-it {a = []} unknown = here
reads-it {a = x ∷ a} unknown = there (a-read x)
reads-it none = here

-- At the end: s is read, and l after the last carry, if it is not 0.
ends : ∀ {rule k} c s l next → at-end c s next ∈ rule k → the-end l ∈ rule next → Does rule k (rest c s l) (last c)
ends c s l next now then with digit c == 0
... | true = step now end
... | false = step now (step then end)

module _ (lasts : Digit → List Symbol) (l : Symbol) where

  sum-step : ∀ {a b} c {e f} → Fits e a → Fits f b →
    sum-case c (next-read a || next-read b) ∈ sum-rule lasts (kept e f d0 c)
  sum-step {a} {b} c {e} {f} a-fits b-fits = in-cases (sum-case c) (may-read e) (may-read f) (next-read a) (next-read b)
    (reads-it a-fits) (reads-it b-fits)

  sum-all : l ∈ lasts d0 → ∀ a b c {e f} → Fits e a → Fits f b →
    Does (sum-rule lasts) (kept e f d0 c) (sum-reads a b c l) (sum a b c)
  sum-all l∈ [] [] c e f =
    ends {sum-rule lasts} c (ended || ended) l (finished d0) (sum-step c e f) (in-map the-end l∈)
  sum-all l∈ (x ∷ a) (y ∷ b) c e f = step (sum-step c e f) (sum-all l∈ a b (keep (add x y c)) unknown unknown)
  sum-all l∈ (x ∷ a) [] c e f = step (sum-step c e f) (sum-all l∈ a [] (keep (add x d0 c)) unknown none)
  sum-all l∈ [] (y ∷ b) c e f = step (sum-step c e f) (sum-all l∈ [] b (keep (add d0 y c)) none unknown)

  product-all : ∀ a d c {e} → l ∈ lasts d → Fits e a →
    Does (product-rule lasts) (kept e false d c) (product-reads a d c l) (product a d c)
  product-all [] d c l∈ e = ends {product-rule lasts} c (ended || [ d ]) l (finished d)
    (in-map (product-case d c) (reads-it e)) (in-map the-end l∈)
  product-all (x ∷ a) d c l∈ e =
    step (in-map (product-case d c) (reads-it e)) (product-all a d (keep (multiply x d c)) l∈ unknown)

sum-done lasts l l∈ u a v b =
  step (in-cases (sum-case d0) all-digits all-digits [ u ] [ v ] (a-read u) (a-read v))
    (sum-all lasts l l∈ a b (keep (add u v d0)) unknown unknown)
product-done lasts l u a d l∈ =
  step (in-cases product-first all-digits all-digits [ u ] [ d ] (a-read u) (a-read d))
    (product-all lasts l a d (keep (multiply u d d0)) l∈ unknown)

quotient-all : ∀ a d c → Does quotient-rule (kept false false d c) (quotient-reads a d) (quotient a d c)
quotient-all [] d c = step (in-map (quotient-case d c) (reads-it {a = []} unknown)) end
quotient-all (x ∷ a) d c =
  step (in-map (quotient-case d c) (reads-it {a = x ∷ a} unknown)) (quotient-all a d (keep (divide x d c)))
quotient-done u a d not-zero =
  step (in-cases quotient-first all-digits (map [_] from-one) [ u ] [ d ]
    (a-read u) (in-map [_] (from-one-digit d not-zero))) (quotient-all a d (keep (divide u d d0)))

difference-all : ∀ a b c {f} n → Fits f b → n + (value b + digit c) ≡ value a → (length a < length b) ≡ false →
  Does difference-rule (kept false f d0 c) (difference-reads a b) (difference a b c)
difference-step : ∀ x b c {f} → Fits f b →
  difference-case c ([ x ] || next-read b) ∈ difference-rule (kept false f d0 c)
difference-step x b c {f} b-fits = in-right (difference-end c)
  (in-cases (difference-case c) all-digits (may-read f) [ x ] (next-read b) (a-read x) (reads-it b-fits))
difference-all [] [] c n f large short = step (in-left nothing-borrowed) end
  where
  nothing-borrowed : the-end (ended || ended) ∈ difference-end c
  nothing-borrowed with digit c | nothing n large
  ... | 0 | refl = here
difference-all (x ∷ a) (y ∷ b) c n f large short with still x y c (value a) (value b) n large
... | m , enough = step (difference-step x (y ∷ b) c f)
  (difference-all a b (keep (subtract x y c)) m unknown enough short)
difference-all (x ∷ a) [] c n f large short with still x d0 c (value a) 0 n large
... | m , enough = step (difference-step x [] c f) (difference-all a [] (keep (subtract x d0 c)) m none enough refl)
difference-done u a v b n large short
  with still u v d0 (value a) (value b) n (cong (n +_) (+-zero (value (v ∷ b))) ∙ large)
... | m , enough = step (in-cases (difference-case d0) all-digits all-digits [ u ] [ v ] (a-read u) (a-read v))
  (difference-all a b (keep (subtract u v d0)) m unknown enough short)
