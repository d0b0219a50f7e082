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

-- ---- The checks: for numbers of one, two, three and more digits, the fingers start in one order or in the other; in
-- each order that occurs, the moves and all cases must be right. s: the kind of the sign; m and n: one digit and so many

units-starts : Program → Nat → Bool → Nat → Nat → Bool
units-starts p s order m n = Two.starts-check p order (window 7 5 0 ∷ inner 5 m) (window (neighbour 5 m) 0 s)
  (window 0 s 0 ∷ inner s n) (window (neighbour s n) 0 6) (window 0 6 7 ∷ [])

first-starts : Program → Nat → Bool → Nat → Bool
first-starts p s order m = Two.starts-check p order (window 7 5 0 ∷ []) (first-window s m)
  (later s m ++ window 0 s 0 ∷ []) (window s 0 6) (window 0 6 7 ∷ [])

cases-check : Rule → Nat → Nat → Program → Reached → Bool → Bool
cases-check rule e₁ e₂ p reached order =
  Table.check rule (Reading.write-symbol p [] e₁ e₂ order) (Reading.next-symbol p [] e₁ e₂ order) same sound (reached order) start

sum-order difference-order product-order quotient-order : Program → Reached → Bool → Bool
sum-order p reached order = Operations.sum-moves p order & cases-check sum-rule blank plus p reached order
difference-order p reached order = Operations.difference-moves p order & cases-check difference-rule blank minus p reached order
product-order p reached order = Operations.product-moves p order & cases-check product-rule blank times p reached order
quotient-order p reached order = Operations.quotient-moves p order & cases-check quotient-rule over over p reached order

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

-- ---- From the forms to all lengths ---------------------------------------------------------------------------------

Ordered : (starts fits : Bool → Bool) → Set
Ordered starts fits = exists λ order → (starts order ≡ true) and (fits order ≡ true)

ordered : ∀ starts fits → choose (starts true & fits true) true (starts false & fits false) ≡ true →
  Ordered starts fits
ordered starts fits yes with starts true & fits true in eq
... | true = true , left& eq , right& {starts true} eq
... | false = false , left& yes , right& {starts false} yes

covered : ∀ p order {P A Q B P′ A′ Q′ B′} R → Covers P P′ → A ≡ A′ → Covers Q Q′ → B ≡ B′ →
  Two.starts-check p order P A Q B R ≡ true → Two.starts-check p order P′ A′ Q′ B′ R ≡ true
covered p order {P} {A} {Q} {B} R P-covers refl Q-covers refl yes =
  both (P-covers _ (left& yes)) (both (Q-covers _ (left& yes₁)) (both
    (left& {all (λ w → not (rank-first A < rank-first w)) R} yes₂)
    (both (P-covers _ (left& yes₃)) (both (Q-covers _ (left& yes₄)) yes₅))))
  where
  open Two p order
  yes₁ = right& {all (λ w → rank-first w < rank-first A) P} yes
  yes₂ = right& {all (λ w → not (rank-first A < rank-first w)) Q} yes₁
  yes₃ = right& {all (λ w → not (rank-first A < rank-first w)) R} yes₂
  yes₄ = right& {all (λ w → rank-second w < rank-second B) P} yes₃
  yes₅ = right& {all (λ w → rank-second w < rank-second B) Q} yes₄

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
  (covers-more (window 7 5 0) (inner 5 (cap m)) (inner 5 m) (inner-covers 5 m)) (cong (λ l → window l 0 s) (neighbour-cap 5 m))
  (covers-more (window 0 s 0) (inner s (cap n)) (inner s n) (inner-covers s n)) (cong (λ l → window l 0 6) (neighbour-cap s n))

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

-- ---- Where the fingers start, as places in the text ----------------------------------------------------------------

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

at-start : ∀ {p x cs} order {f s i j m n} → (f ≡ one order m n) and (s ≡ two order m n) → m ≡ i → n ≡ j →
  Writes p x 0 (one order i j) (two order i j) cs → Writes p x 0 f s cs
at-start order (refl , refl) refl refl answer = answer

first-place : ∀ a → suc (length (inner 5 (length a))) ≡ length (before-first a)
first-place a = cong suc (length-inner 5 (length a)) ∙ sym (length-first a)

second-place : ∀ u a s b →
  suc (length (inner 5 (length a))) + suc (suc (length (inner (kind s) (length b)))) ≡ length (before-second u a s b)
second-place u a s b =
  cong₂ (λ m n → suc m + suc (suc n)) (length-inner 5 (length a)) (length-inner (kind s) (length b))
  ∙ sym (length-second u a s b)

-- ---- The proofs ----------------------------------------------------------------------------------------------------

adds p reached yes u a v b
  with ordered _ (sum-order p reached) (two-forms (units-starts p 1) _ _ yes (length a) (length b))
... | order , starts-yes , right-yes = c , answers , sum-right (u ∷ a) (v ∷ b) d0 ∙ +-zero _
  where
  x = text (u ∷ a) plus (v ∷ b)
  c = sum (u ∷ a) (v ∷ b) d0
  open Reading p x blank plus
  ran = Table.simulation sum-rule (write-symbol order) (next-symbol order) same sound (reached order) start
    (right& {Operations.sum-moves p order} right-yes) (sum-done u a v b)
  read = Moving.sum-read p order x (left& right-yes) (u ∷ a) (v ∷ b) d0 (on-first u a plus (v ∷ b)) (on-second u a plus v b)
  answers : Answers p x (map digit c)
  answers = at-start order
    (Start.starts p x order _ _ _ _ _ (units-start p 1 order (length a) (length b) starts-yes) (windows-units u a plus v b))
    (first-place a) (second-place u a plus b) (table-writes order same sound sum-rule c read ran)

at-least : ∀ m n → (m < n) ≡ false → exists λ k → k + n ≡ m
at-least m zero yes = m , +-zero m
at-least (suc m) (suc n) yes with at-least m n yes
... | k , eq = k , +-suc k n ∙ cong suc eq

subtracts p reached yes u a v b large short
  with at-least (value (u ∷ a)) (value (v ∷ b)) large
     | ordered _ (difference-order p reached) (two-forms (units-starts p 2) _ _ yes (length a) (length b))
... | n , more | order , starts-yes , right-yes = c , answers , sym difference-is
  where
  x = text (u ∷ a) minus (v ∷ b)
  c = difference (u ∷ a) (v ∷ b) d0
  open Reading p x blank minus
  ran = Table.simulation difference-rule (write-symbol order) (next-symbol order) same sound (reached order) start
    (right& {Operations.difference-moves p order} right-yes) (difference-done u a v b n more short)
  read = Moving.difference-read p order x (left& right-yes) (u ∷ a) (v ∷ b) short
    (on-first u a minus (v ∷ b)) (on-second u a minus v b)
  answers : Answers p x (map digit c)
  answers = at-start order
    (Start.starts p x order _ _ _ _ _ (units-start p 2 order (length a) (length b) starts-yes) (windows-units u a minus v b))
    (first-place a) (second-place u a minus b) (table-writes order same sound difference-rule c read ran)
  difference-is : value (u ∷ a) - value (v ∷ b) ≡ value c
  difference-is = cong (_- value (v ∷ b)) (sym (difference-right (u ∷ a) (v ∷ b) d0 n
      (cong (n +_) (+-zero (value (v ∷ b))) ∙ more) short) ∙ cong (value c +_) (+-zero (value (v ∷ b))))
    ∙ plus-minus (value c) (value (v ∷ b))

multiplies p reached yes u a v
  with ordered _ (product-order p reached) (one-form (λ order m → units-starts p 3 order m 0) _ _ yes (length a))
... | order , starts-yes , right-yes = c , answers , product-right (u ∷ a) v d0 ∙ +-zero _
  where
  x = text (u ∷ a) times (v ∷ [])
  c = product (u ∷ a) v d0
  open Reading p x blank times
  ran = Table.simulation product-rule (write-symbol order) (next-symbol order) same sound (reached order) start
    (right& {Operations.product-moves p order} right-yes) (product-done u a v)
  read = Moving.product-read p order x (left& right-yes) (u ∷ a) v d0 (on-first u a times (v ∷ []))
    (reads-left (on-second u a times v []))
  answers : Answers p x (map digit c)
  answers = at-start order
    (Start.starts p x order _ _ _ _ _ (units-start p 3 order (length a) 0 starts-yes) (windows-units u a times v []))
    (first-place a) (second-place u a times []) (table-writes order same sound product-rule c read ran)

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

divides p reached yes u a v not-zero
  with not-empty a u [] | ordered _ (quotient-order p reached) (one-form (first-starts p 4) _ _ yes (length a))
... | w , ws , reversed | order , starts-yes , right-yes =
  onto (quotient (w ∷ ws) v d0) [] , digit (left-over (w ∷ ws) v d0) , answers , value-is , proj₂ divided
  where
  proj₁ : {A B : Set} → A and B → A
  proj₁ (x , y) = x
  proj₂ : {A B : Set} → A and B → B
  proj₂ (x , y) = y
  x = text (u ∷ a) over (v ∷ [])
  q = quotient (w ∷ ws) v d0
  open Reading p x over over
  ran = Table.simulation quotient-rule (write-symbol order) (next-symbol order) same sound (reached order) start
    (right& {Operations.quotient-moves p order} right-yes) (quotient-done w ws v not-zero)
  on-digits : Right-of x (map digit (w ∷ ws) ++ over ∷ digit v ∷ equals ∷ []) 1
  on-digits = right-of (blank ∷ []) (cong (blank ∷_) (written-reading (u ∷ a) [] _
    ∙ cong (λ ds → map digit ds ++ over ∷ digit v ∷ equals ∷ []) reversed))
  read = Moving.quotient-read p order x (left& right-yes) (w ∷ ws) v on-digits (reads-left (on-second u a over v []))
  place : 1 + suc (length (later 4 (length a) ++ window 0 4 0 ∷ [])) ≡ length (before-second u a over [])
  place = cong (λ n → suc (suc n)) (length-++ (later 4 (length a)) _ ∙ cong (_+ 1) (length-later a) ∙ +-comm (length a) 1)
    ∙ sym (length-second u a over [] ∙ +-comm (suc (length a)) 2)
    where
    length-later : ∀ a → length (later 4 (length a)) ≡ length a
    length-later [] = refl
    length-later (d ∷ ds) = length-++ (inner 0 (length ds)) _ ∙ cong (_+ 1) (length-inner 0 (length ds)) ∙ +-comm (length ds) 1
  answers : Answers p x (written (onto q []) [])
  answers = at-start order
    (Start.starts p x order _ _ _ _ _ (first-start p 4 order (length a) starts-yes) (windows-first u a over v)) refl place
    (cong-answer (sym (written-back q [])) (table-writes order same sound quotient-rule q read ran))
    where
    cong-answer : ∀ {i j cs ds} → cs ≡ ds → Writes p x 0 i j cs → Writes p x 0 i j ds
    cong-answer refl answer = answer
  divided = quotient-right (w ∷ ws) v d0 0 0 (positive (digit v) not-zero) refl
  value-is : value (u ∷ a) ≡ value (onto q []) * digit v + digit (left-over (w ∷ ws) v d0)
  value-is = sym (cong value (twice a (u ∷ []))) ∙ sym (reading-value (onto a (u ∷ [])) [])
    ∙ cong (λ ds → reading ds 0) reversed ∙ proj₁ divided
    ∙ cong (λ n → n * digit v + digit (left-over (w ∷ ws) v d0)) (reading-value q [])
