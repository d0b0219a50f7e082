-- The four theorems: a table that passes the check of an operation does that operation, for numbers of any length.

module Theorem where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Nat
open import Agda.Builtin.Sigma
open import Statement
open Program
open import Basics
open import Simulation
open import School
open import Rules
open import Starts
open import Fingers

-- For each state, all that may be kept when the table is in it, if the fingers are in this order.
Reached : Set
Reached = Bool → List (List Kept)

sum-check difference-check product-check quotient-check : Program → Reached → Bool

adds : ∀ p reached → sum-check p reached ≡ true → Adds p

subtracts : ∀ p reached → difference-check p reached ≡ true → Subtracts p

multiplies : ∀ p reached → product-check p reached ≡ true → Multiplies p

divides : ∀ p reached → quotient-check p reached ≡ true → Divides p

-- A table has no two answers to a text.
only-answer : ∀ p x cs ds → Answers p x cs → Answers p x ds → cs ≡ ds

-- A number that is no larger than another, and has no zeros in front, has no more digits.
no-zeros-in-front : List Digit → Bool
no-zeros-in-front [] = true
no-zeros-in-front (d ∷ []) = not (digit d == 0)
no-zeros-in-front (_ ∷ d ∷ ds) = no-zeros-in-front (d ∷ ds)

no-more-digits : ∀ u a v b → (value (u ∷ a) < value (v ∷ b)) ≡ false → no-zeros-in-front b ≡ true →
  (length a < length b) ≡ false

-- ---- The checks: for numbers of one, two, three and more digits, the fingers start in one order or in the other; in
-- each order that occurs, the moves and all cases must be right.

-- s: the kind of the sign. The first number has 1 + m digits, the second one 1 + n.

units-starts : Program → Nat → Bool → Nat → Nat → Bool
units-starts p s order m n = Two.starts-check p order (window 7 5 0 ∷ inner 5 m) (window (neighbour 5 m) 0 s)
  (window 0 s 0 ∷ inner s n) (window (neighbour s n) 0 6) (window 0 6 7 ∷ [])

first-starts : Program → Nat → Bool → Nat → Bool
first-starts p s order m = Two.starts-check p order (window 7 5 0 ∷ []) (first-window s m)
  (later s m ++ window 0 s 0 ∷ []) (window s 0 6) (window 0 6 7 ∷ [])

cases-check : Rule → Nat → Nat → Program → Reached → Bool → Bool
cases-check rule e₁ e₂ p reached order =
  Table.check rule (Reading.write-symbol p [] e₁ e₂ order) (Reading.next-symbol p [] e₁ e₂ order) same sound
    (reached order) start

sum-order difference-order product-order quotient-order : Program → Reached → Bool → Bool
sum-order p reached order =
  Operations.sum-moves p order & cases-check (sum-rule (Operations.sum-lasts p order)) blank plus p reached order
difference-order p reached order =
  Operations.difference-moves p order & cases-check difference-rule blank minus p reached order
product-order p reached order =
  Operations.product-moves p order
  & cases-check (product-rule (Operations.product-lasts p order)) blank times p reached order
quotient-order p reached order =
  Operations.quotient-moves p order & cases-check quotient-rule over over p reached order

-- t, f: whether all is right in the order true, and in the order false.
for-one : (starts : Bool → Nat → Bool) → Bool → Bool → Bool
for-one starts t f = forms (λ m → choose (starts true m & t) true (starts false m & f))
for-two : (starts : Bool → Nat → Nat → Bool) → Bool → Bool → Bool
for-two starts t f = forms (λ m → forms (λ n → choose (starts true m n & t) true (starts false m n & f)))

sum-check p reached = for-two (units-starts p 1) (sum-order p reached true) (sum-order p reached false)
difference-check p reached =
  for-two (units-starts p 2) (difference-order p reached true) (difference-order p reached false)
product-check p reached =
  for-one (λ order m → units-starts p 3 order m 0) (product-order p reached true) (product-order p reached false)
quotient-check p reached = for-one (first-starts p 4) (quotient-order p reached true) (quotient-order p reached false)

-- ---- From the forms to all lengths ----------------------------------------------------------------------------------

Ordered : (starts fits : Bool → Bool) → Set
Ordered starts fits = exists λ order → (starts order ≡ true) and (fits order ≡ true)

ordered : ∀ starts fits → choose (starts true & fits true) true (starts false & fits false) ≡ true →
  Ordered starts fits
ordered starts fits yes with starts true & fits true in eq
... | true = true , left& eq , right& {starts true} eq
... | false = false , left& yes , right& {starts false} yes

covered : ∀ p order {P A Q B P′ A′ Q′ B′} R → Covers P P′ → A ≡ A′ → Covers Q Q′ → B ≡ B′ →
  Two.starts-check p order P A Q B R ≡ true → Two.starts-check p order P′ A′ Q′ B′ R ≡ true
covered p order {P} {A} {Q} {B} R P-covers refl Q-covers refl yes
  with Two.conditions p order {P} {A} {Q} {B} {R} yes
... | P₁ , Q₁ , R₁ , P₂ , Q₂ , R₂ , order-is =
  both (P-covers _ P₁) (both (Q-covers _ Q₁) (both R₁ (both (P-covers _ P₂) (both (Q-covers _ Q₂) (both R₂ order-is)))))

covers-more : ∀ w ws ws′ → Covers ws ws′ → Covers (w ∷ ws) (w ∷ ws′)
covers-more w ws ws′ covers f yes = both (left& yes) (covers f (right& {f w} yes))

covers-behind : ∀ vs vs′ ws → Covers vs vs′ → Covers (vs ++ ws) (vs′ ++ ws)
covers-behind vs vs′ ws covers f yes = all-++ f vs′ (covers f (all-left vs yes)) (all-right vs yes)
  where
  all-left : ∀ vs → all f (vs ++ ws) ≡ true → all f vs ≡ true
  all-left [] yes = refl
  all-left (v ∷ vs) yes = both (left& yes) (all-left vs (right& {f v} yes))
  all-right : ∀ vs → all f (vs ++ ws) ≡ true → all f ws ≡ true
  all-right [] yes = yes
  all-right (v ∷ vs) yes = all-right vs (right& {f v} yes)

units-start : ∀ p s order m n → units-starts p s order (cap m) (cap n) ≡ true → units-starts p s order m n ≡ true
units-start p s order m n = covered p order
  {P = window 7 5 0 ∷ inner 5 (cap m)} {Q = window 0 s 0 ∷ inner s (cap n)}
  {P′ = window 7 5 0 ∷ inner 5 m} {Q′ = window 0 s 0 ∷ inner s n} (window 0 6 7 ∷ [])
  (covers-more (window 7 5 0) (inner 5 (cap m)) (inner 5 m) (inner-covers 5 m))
  (cong (λ l → window l 0 s) (neighbour-cap 5 m))
  (covers-more (window 0 s 0) (inner s (cap n)) (inner s n) (inner-covers s n))
  (cong (λ l → window l 0 6) (neighbour-cap s n))

first-start : ∀ p s order m → first-starts p s order (cap m) ≡ true → first-starts p s order m ≡ true
first-start p s order m = covered p order
  {P = window 7 5 0 ∷ []} {Q = later s (cap m) ++ window 0 s 0 ∷ []} {B = window s 0 6}
  {P′ = window 7 5 0 ∷ []} {Q′ = later s m ++ window 0 s 0 ∷ []} (window 0 6 7 ∷ []) (λ f yes → yes) (first-cap s m)
  (covers-behind (later s (cap m)) (later s m) (window 0 s 0 ∷ []) (later-covers s m)) refl

one-form : ∀ starts t f → for-one starts t f ≡ true → ∀ m →
  choose (starts true (cap m) & t) true (starts false (cap m) & f) ≡ true
one-form starts t f = of-forms (λ m → choose (starts true m & t) true (starts false m & f))

two-forms : ∀ starts t f → for-two starts t f ≡ true → ∀ m n →
  choose (starts true (cap m) (cap n) & t) true (starts false (cap m) (cap n) & f) ≡ true
two-forms starts t f yes m = of-forms (λ n → choose (starts true (cap m) n & t) true (starts false (cap m) n & f))
  (of-forms (λ m → forms (λ n → choose (starts true m n & t) true (starts false m n & f))) yes m)

-- ---- Where the fingers start, as places in the text -----------------------------------------------------------------

-- What stands to the left of the last digits of the two numbers.
before-first : List Digit → List Nat
before-first a = map digit a ++ blank ∷ []

before-second : Digit → List Digit → Nat → List Digit → List Nat
before-second u a s b = map digit b ++ s ∷ before-first (u ∷ a)

on-first : ∀ u a s b → Left-of (text (u ∷ a) s b) (before-first (u ∷ a)) (length (before-first a))
on-first u a s b = left-of (written-onto a blank [])

on-second : ∀ u a s v b → Left-of (text (u ∷ a) s (v ∷ b)) (map digit (v ∷ b) ++ s ∷ before-first (u ∷ a))
  (length (before-second u a s b))
on-second u a s v b = left-of (written-onto (u ∷ a) blank [] ∙ written-onto b s (before-first (u ∷ a)))

-- A number begins with a digit.
begins : ∀ v b {behind} → exists λ w → exists λ cs → written (v ∷ b) behind ≡ digit w ∷ cs
begins v [] = v , _ , refl
begins v (d ∷ b) = begins d b

on-blank : ∀ u a s b {w cs} → written (u ∷ a) (s ∷ written b (equals ∷ [])) ≡ digit w ∷ cs →
  Right-of (text (u ∷ a) s b) (blank ∷ digit w ∷ cs) 0
on-blank u a s b eq = right-of [] (cong (blank ∷_) eq)

on-sign : ∀ u a s b → Left-of (text (u ∷ a) s b) (s ∷ before-first (u ∷ a)) (suc (length (before-first a)))
on-sign u a s b = left-of (written-onto (u ∷ a) blank [])

right-of-sign : ∀ u a s v b {w cs} → written (v ∷ b) (equals ∷ []) ≡ digit w ∷ cs →
  Right-of (text (u ∷ a) s (v ∷ b)) (s ∷ digit w ∷ cs) (suc (length (before-first a)))
right-of-sign u a s v b eq = right-of (before-first (u ∷ a))
  (written-onto (u ∷ a) blank [] ∙ cong (λ cs → onto (before-first (u ∷ a)) (s ∷ cs)) eq)

right-of-second : ∀ u a s v →
  Right-of (text (u ∷ a) s (v ∷ [])) (digit v ∷ equals ∷ []) (length (before-second u a s []))
right-of-second u a s v = right-of (before-second u a s []) (written-onto (u ∷ a) blank [])

length-inner : ∀ l m → length (inner l m) ≡ m
length-inner l zero = refl
length-inner l (suc m) = cong suc (length-inner 0 m)

length-first : ∀ a → length (before-first a) ≡ suc (length a)
length-first a = length-++ (map digit a) (blank ∷ []) ∙ cong (_+ 1) (length-map digit a) ∙ +-comm (length a) 1

length-second : ∀ u a s b → length (before-second u a s b) ≡ suc (length a) + suc (suc (length b))
length-second u a s b = length-++ (map digit b) (s ∷ before-first (u ∷ a))
  ∙ cong₂ (λ m n → m + suc n) (length-map digit b) (length-first (u ∷ a))
  ∙ +-comm (length b) (suc (suc (suc (length a)))) 
  ∙ cong suc (sym (+-suc (length a) (suc (length b)) ∙ cong suc (+-suc (length a) (length b))))

first-place : ∀ a → suc (length (inner 5 (length a))) ≡ length (before-first a)
first-place a = cong suc (length-inner 5 (length a)) ∙ sym (length-first a)

second-place : ∀ u a s b →
  suc (length (inner 5 (length a))) + suc (suc (length (inner (kind s) (length b)))) ≡ length (before-second u a s b)
second-place u a s b =
  cong₂ (λ m n → suc m + suc (suc n)) (length-inner 5 (length a)) (length-inner (kind s) (length b))
  ∙ sym (length-second u a s b)

-- ---- The proofs -----------------------------------------------------------------------------------------------------

-- Fingers that start on the right places, and read what a rule allows, in a table that passes the check of the rule.
answers-so : ∀ p x order rule e₁ e₂ reached P A Q B R ws {ss i j} → Two.starts-check p order P A Q B R ≡ true →
  windows 7 (map kind x) ≡ P ++ A ∷ Q ++ B ∷ R → length P ≡ i → length P + suc (length Q) ≡ j →
  Reading.Reads p x e₁ e₂ order i j ss → cases-check rule e₁ e₂ p reached order ≡ true → Does rule start ss ws →
  Answers p x (map digit ws)
answers-so p x order rule e₁ e₂ reached P A Q B R ws starts-yes windows-are refl refl read cases-yes does
  with first p x | second p x | Start.starts p x order P A Q B R starts-yes windows-are
... | _ | _ | refl , refl = Reading.table-writes p x e₁ e₂ order same sound rule ws read
  (Table.simulation rule _ _ same sound (reached order) start cases-yes does)

adds p reached yes u a v b
  with ordered _ (sum-order p reached) (two-forms (units-starts p 1) _ _ yes (length a) (length b))
... | order , starts-yes , right-yes with split& right-yes
... | moves-yes , cases-yes with begins u a {plus ∷ written (v ∷ b) (equals ∷ [])} | begins v b {equals ∷ []}
... | _ , _ , eq | _ , _ , eq′
  with Moving.sum-read p order (text (u ∷ a) plus (v ∷ b)) moves-yes (on-blank u a plus (v ∷ b) eq)
         (on-sign u a plus (v ∷ b)) (right-of-sign u a plus v b eq′) (u ∷ a) (v ∷ b) d0
         (on-first u a plus (v ∷ b)) (on-second u a plus v b)
... | l , l∈ , read = c , answers , sum-right (u ∷ a) (v ∷ b) d0 ∙ +-zero _
  where
  x = text (u ∷ a) plus (v ∷ b)
  c = sum (u ∷ a) (v ∷ b) d0
  lasts = Operations.sum-lasts p order
  answers = answers-so p x order (sum-rule lasts) blank plus reached _ _ _ _ _ c
    (units-start p 1 order (length a) (length b) starts-yes) (windows-units u a plus v b)
    (first-place a) (second-place u a plus b)
    read cases-yes (sum-done lasts l l∈ u a v b)

at-least : ∀ m n → (m < n) ≡ false → exists λ k → k + n ≡ m
at-least m zero yes = m , +-zero m
at-least (suc m) (suc n) yes with at-least m n yes
... | k , eq = k , +-suc k n ∙ cong suc eq

subtracts p reached yes u a v b large short
  with at-least (value (u ∷ a)) (value (v ∷ b)) large
     | ordered _ (difference-order p reached) (two-forms (units-starts p 2) _ _ yes (length a) (length b))
... | n , more | order , starts-yes , right-yes with split& right-yes
... | moves-yes , cases-yes = c , answers , sym difference-is
  where
  x = text (u ∷ a) minus (v ∷ b)
  c = difference (u ∷ a) (v ∷ b) d0
  answers = answers-so p x order difference-rule blank minus reached _ _ _ _ _ c
    (units-start p 2 order (length a) (length b) starts-yes) (windows-units u a minus v b)
    (first-place a) (second-place u a minus b)
    (Moving.difference-read p order x moves-yes (u ∷ a) (v ∷ b) short
      (on-first u a minus (v ∷ b)) (on-second u a minus v b))
    cases-yes (difference-done u a v b n more short)
  difference-is : value (u ∷ a) - value (v ∷ b) ≡ value c
  difference-is = cong (_- value (v ∷ b)) (sym (difference-right (u ∷ a) (v ∷ b) d0 n
      (cong (n +_) (+-zero (value (v ∷ b))) ∙ more) short) ∙ cong (value c +_) (+-zero (value (v ∷ b))))
    ∙ plus-minus (value c) (value (v ∷ b))

multiplies p reached yes u a v
  with ordered _ (product-order p reached) (one-form (λ order m → units-starts p 3 order m 0) _ _ yes (length a))
... | order , starts-yes , right-yes with split& right-yes
... | moves-yes , cases-yes with begins u a {times ∷ digit v ∷ equals ∷ []}
... | _ , _ , eq
  with Moving.product-read p order (text (u ∷ a) times (v ∷ [])) moves-yes (on-blank u a times (v ∷ []) eq)
         (on-second u a times v []) (right-of-second u a times v) (u ∷ a) d0 (on-first u a times (v ∷ []))
... | l , l∈ , read = c , answers , product-right (u ∷ a) v d0 ∙ +-zero _
  where
  x = text (u ∷ a) times (v ∷ [])
  c = product (u ∷ a) v d0
  lasts = Operations.product-lasts p order
  answers = answers-so p x order (product-rule lasts) blank times reached _ _ _ _ _ c
    (units-start p 3 order (length a) 0 starts-yes) (windows-units u a times v [])
    (first-place a) (second-place u a times [])
    read cases-yes (product-done lasts l u a v l∈)

-- A number read from the left is the number.
written-reading : ∀ ds acc behind → written ds (map digit acc ++ behind) ≡ map digit (onto ds acc) ++ behind
written-reading [] acc behind = refl
written-reading (d ∷ ds) acc behind = written-reading ds (d ∷ acc) behind

written-back : ∀ qs acc → written (onto qs acc) [] ≡ written acc (map digit qs)
written-back [] acc = refl
written-back (q ∷ qs) acc = written-back qs (q ∷ acc)

reading-value : ∀ ds acc → reading ds (value acc) ≡ value (onto ds acc)
reading-value [] acc = refl
reading-value (d ∷ ds) acc = reading-value ds (d ∷ acc)

twice : ∀ (ds acc : List Digit) → onto (onto ds acc) [] ≡ onto acc ds
twice [] acc = refl
twice (d ∷ ds) acc = twice ds (d ∷ acc)

not-empty : ∀ (ds : List Digit) u us → exists λ w → exists λ ws → onto ds (u ∷ us) ≡ w ∷ ws
not-empty [] u us = u , us , refl
not-empty (d ∷ ds) u us = not-empty ds d (u ∷ us)

positive : ∀ n → (n == 0) ≡ false → (0 < n) ≡ true
positive (suc n) yes = refl

length-later : ∀ s (a : List Digit) → length (later s (length a)) ≡ length a
length-later s [] = refl
length-later s (d ∷ ds) =
  length-++ (inner 0 (length ds)) _ ∙ cong (_+ 1) (length-inner 0 (length ds)) ∙ +-comm (length ds) 1

divides p reached yes u a v not-zero
  with not-empty a u [] | ordered _ (quotient-order p reached) (one-form (first-starts p 4) _ _ yes (length a))
... | w , ws , reversed | order , starts-yes , right-yes
  with split& right-yes | quotient-right (w ∷ ws) v d0 0 0 (positive (digit v) not-zero) refl
... | moves-yes , cases-yes | divided , small = onto q [] , digit r , answers , value-is , small
  where
  x = text (u ∷ a) over (v ∷ [])
  q = quotient (w ∷ ws) v d0
  r = left-over (w ∷ ws) v d0
  on-digits : Right-of x (map digit (w ∷ ws) ++ over ∷ digit v ∷ equals ∷ []) 1
  on-digits = right-of (blank ∷ []) (cong (blank ∷_) (written-reading (u ∷ a) [] _
    ∙ cong (λ ds → map digit ds ++ over ∷ digit v ∷ equals ∷ []) reversed))
  place : 1 + suc (length (later 4 (length a) ++ window 0 4 0 ∷ [])) ≡ length (before-second u a over [])
  place = cong (λ n → suc (suc n))
      (length-++ (later 4 (length a)) _ ∙ cong (_+ 1) (length-later 4 a) ∙ +-comm (length a) 1)
    ∙ sym (length-second u a over [] ∙ +-comm (suc (length a)) 2)
  in-order : Answers p x (map digit q)
  in-order = answers-so p x order quotient-rule over over reached _ _ _ _ _ q
    (first-start p 4 order (length a) starts-yes) (windows-first u a over v) refl place
    (Moving.quotient-read p order x moves-yes (w ∷ ws) v on-digits (reads-left (on-second u a over v [])))
    cases-yes (quotient-done w ws v not-zero)
  answers : Answers p x (written (onto q []) [])
  answers with written (onto q []) [] | written-back q []
  ... | _ | refl = in-order
  value-is : value (u ∷ a) ≡ value (onto q []) * digit v + digit r
  value-is = sym (cong value (twice a (u ∷ []))) ∙ sym (reading-value (onto a (u ∷ [])) [])
    ∙ cong (λ ds → reading ds 0) reversed ∙ divided ∙ cong (λ n → n * digit v + digit r) (reading-value q [])

not-both : ∀ {n c} → n ≡ blank → n ≡ c → (c == blank) ≡ false → ⊥
not-both refl refl ()

one-answer : ∀ {p x state i j cs ds} → Writes p x state i j cs → Writes p x state i j ds → cs ≡ ds
one-answer (stops _) (stops _) = refl
one-answer (stops is-blank) (writes is-c other _) = never (not-both is-blank is-c other)
one-answer (writes is-c other _) (stops is-blank) = never (not-both is-blank is-c other)
one-answer (writes refl _ rest) (writes refl _ rest′) = cong (_ ∷_) (one-answer rest rest′)

only-answer p x cs ds = one-answer

above-zero : ∀ d ds → no-zeros-in-front (d ∷ ds) ≡ true → (0 < value (d ∷ ds)) ≡ true
above-zero d [] yes = cong (0 <_) (+-zero (digit d)) ∙ positive (digit d) (is-false yes)
above-zero d (e ∷ ds) yes with value (e ∷ ds) | above-zero e ds yes
... | suc n | _ = cong (0 <_) (ten-out (digit d) (n * 10))

not-below : ∀ k n m → k + n ≡ m → (m < n) ≡ false
not-below k zero m eq = refl
not-below k (suc n) (suc m) eq = not-below k n m (cong (_- 1) (sym (+-suc k n) ∙ eq))
not-below k (suc n) zero eq = never (impossible (sym (+-suc k n) ∙ eq))
  where
  impossible : ∀ {n} → suc n ≡ 0 → ⊥
  impossible ()

no-more-digits u a v [] large front = refl
no-more-digits u [] v (y ∷ b) large front with at-least (value (u ∷ [])) (value (v ∷ y ∷ b)) large
... | n , more = never (too-small (value (y ∷ b)) (above-zero y b front) (no-larger (value (y ∷ b)) 0 u
    (+-assoc n (digit v) (value (y ∷ b) * 10) ∙ more)))
  where
  too-small : ∀ m → (0 < m) ≡ true → (exists λ k → k + m ≡ 0) → ⊥
  too-small (suc m) _ (zero , ())
  too-small (suc m) _ (suc k , ())
no-more-digits u (x ∷ a) v (y ∷ b) large front with at-least (value (u ∷ x ∷ a)) (value (v ∷ y ∷ b)) large
... | n , more with no-larger (value (y ∷ b)) (value (x ∷ a)) u (+-assoc n (digit v) (value (y ∷ b) * 10) ∙ more)
... | k , eq = no-more-digits x a y b (not-below k (value (y ∷ b)) (value (x ∷ a)) eq) (rest-too b front)
  where
  rest-too : ∀ b → no-zeros-in-front (y ∷ b) ≡ true → no-zeros-in-front b ≡ true
  rest-too [] yes = refl
  rest-too (z ∷ b) yes = yes
