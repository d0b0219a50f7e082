-- Where the fingers start: in a text of any two numbers and a sign, two fingers that pass a check of short numbers start
-- where they must.

module Starts where

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

-- ---- Lists, continued -----------------------------------------------------------------------------------------------

++-assoc : {A : Set} (xs ys zs : List A) → (xs ++ ys) ++ zs ≡ xs ++ (ys ++ zs)
++-assoc [] ys zs = refl
++-assoc (x ∷ xs) ys zs = cong (x ∷_) (++-assoc xs ys zs)

map-++ : {A B : Set} (f : A → B) (xs ys : List A) → map f (xs ++ ys) ≡ map f xs ++ map f ys
map-++ f [] ys = refl
map-++ f (x ∷ xs) ys = cong (f x ∷_) (map-++ f xs ys)

map-map : {A B C : Set} (f : B → C) (g : A → B) (xs : List A) → map f (map g xs) ≡ map (λ x → f (g x)) xs
map-map f g [] = refl
map-map f g (x ∷ xs) = cong (f (g x) ∷_) (map-map f g xs)

length-map : {A B : Set} (f : A → B) (xs : List A) → length (map f xs) ≡ length xs
length-map f [] = refl
length-map f (x ∷ xs) = cong suc (length-map f xs)

length-++ : {A : Set} (xs ys : List A) → length (xs ++ ys) ≡ length xs + length ys
length-++ [] ys = refl
length-++ (x ∷ xs) ys = cong suc (length-++ xs ys)

all-++ : {A : Set} (f : A → Bool) (xs : List A) {ys : List A} → all f xs ≡ true → all f ys ≡ true →
  all f (xs ++ ys) ≡ true
all-++ f [] yes yes′ = yes′
all-++ f (x ∷ xs) yes yes′ = both (left& yes) (all-++ f xs (right& {f x} yes) yes′)

all-map : {A B : Set} (f : B → Bool) (g : A → B) (xs : List A) → all f (map g xs) ≡ all (λ x → f (g x)) xs
all-map f g [] = refl
all-map f g (x ∷ xs) = cong (f (g x) &_) (all-map f g xs)

onto : {A : Set} → List A → List A → List A  -- the first list reversed, and the second one behind it
onto [] ys = ys
onto (x ∷ xs) ys = onto xs (x ∷ ys)

head-of : ∀ {x y : Nat} {xs ys} → x ∷ xs ≡ y ∷ ys → x ≡ y
head-of refl = refl

tail-of : ∀ {x y : Nat} {xs ys} → x ∷ xs ≡ y ∷ ys → xs ≡ ys
tail-of refl = refl

-- ---- The highest rank -----------------------------------------------------------------------------------------------

not-exceeded : ∀ t rs → all (λ r → not (t < r)) rs ≡ true → exceeded t rs ≡ false
not-exceeded t [] yes = refl
not-exceeded t (r ∷ rs) yes with t < r
... | false = not-exceeded t rs yes

exceeds : ∀ r ps t rs → (r < t) ≡ true → exceeded r (ps ++ t ∷ rs) ≡ true
exceeds r [] t rs yes with r < t
... | true = refl
exceeds r (p ∷ ps) t rs yes with r < p
... | true = refl
... | false = exceeds r ps t rs yes

highest-at : ∀ ps t rs → all (_< t) ps ≡ true → all (λ r → not (t < r)) rs ≡ true → highest (ps ++ t ∷ rs) ≡ length ps
highest-at [] t rs yes yes′ with exceeded t rs | not-exceeded t rs yes′
... | false | refl = refl
highest-at (p ∷ ps) t rs yes yes′ with exceeded p (ps ++ t ∷ rs) | exceeds p ps t rs (left& yes)
... | true | refl = cong suc (highest-at ps t rs (right& {p < t} yes) yes′)

without-at : (f : Nat → Nat) → ∀ ps w rs →
  without (length ps) (map f (ps ++ w ∷ rs)) ≡ map (λ w → suc (f w)) ps ++ 0 ∷ map (λ w → suc (f w)) rs
without-at f [] w rs = cong (0 ∷_) (map-map suc f rs)
without-at f (p ∷ ps) w rs = cong (suc (f p) ∷_) (without-at f ps w rs)

-- ---- Two fingers, in either order -----------------------------------------------------------------------------------

-- order: true if the first finger is the one in the first number. Of the values of the finger in the first number and
-- of the one in the second number: that of the first finger, and that of the second finger.
one two : {A : Set} (order : Bool) → A → A → A
one order a b = choose order a b
two order a b = choose order b a

module Two (p : Program) (order : Bool) where

  write-in next-in : Nat → Nat → Nat → Nat
  write-in state c d = output p state (one order c d) (two order c d)
  next-in state c d = after p state (one order c d) (two order c d)

  -- The moves of the finger in the first number, and of the one in the second number, for the kinds under them.
  move-first move-second : Nat → Nat → Move
  move-first k l = at stay (one order (moves₁ p) (moves₂ p)) (7 * one order k l + two order k l)
  move-second k l = at stay (two order (moves₁ p) (moves₂ p)) (7 * one order k l + two order k l)

  -- The ranks of windows, for the finger in the first number, and for the one in the second number.
  rank-first rank-second : Nat → Nat
  rank-first = at 0 (one order (start₁ p) (start₂ p))
  rank-second = at 0 (two order (start₁ p) (start₂ p))

  -- ---- Starts: the windows of a text are P, then A, then Q, then B, then R; the fingers start on A and B

  starts-check : List Nat → Nat → List Nat → Nat → List Nat → Bool
  starts-check P A Q B R =
      all (λ w → rank-first w < rank-first A) P & all (λ w → not (rank-first A < rank-first w)) Q
    & all (λ w → not (rank-first A < rank-first w)) R & all (λ w → rank-second w < rank-second B) P
    & all (λ w → rank-second w < rank-second B) Q & all (λ w → not (rank-second B < rank-second w)) R
    & choose order (not (rank-first A < rank-first B)) (rank-second A < rank-second B)

  conditions : ∀ {P A Q B R} → starts-check P A Q B R ≡ true →
        (all (λ w → rank-first w < rank-first A) P ≡ true)
    and (all (λ w → not (rank-first A < rank-first w)) Q ≡ true)
    and (all (λ w → not (rank-first A < rank-first w)) R ≡ true)
    and (all (λ w → rank-second w < rank-second B) P ≡ true)
    and (all (λ w → rank-second w < rank-second B) Q ≡ true)
    and (all (λ w → not (rank-second B < rank-second w)) R ≡ true)
    and (choose order (not (rank-first A < rank-first B)) (rank-second A < rank-second B) ≡ true)
  conditions {P} {A} {Q} {B} {R} yes with split& yes
  ... | P₁ , yes with split& {all (λ w → not (rank-first A < rank-first w)) Q} yes
  ... | Q₁ , yes with split& {all (λ w → not (rank-first A < rank-first w)) R} yes
  ... | R₁ , yes with split& {all (λ w → rank-second w < rank-second B) P} yes
  ... | P₂ , yes with split& {all (λ w → rank-second w < rank-second B) Q} yes
  ... | Q₂ , yes with split& {all (λ w → not (rank-second B < rank-second w)) R} yes
  ... | R₂ , yes = P₁ , Q₁ , R₁ , P₂ , Q₂ , R₂ , yes

module Start (p : Program) (x : List Nat) where

  open Two p

  starts : ∀ order P A Q B R → starts-check order P A Q B R ≡ true → windows 7 (map kind x) ≡ P ++ A ∷ Q ++ B ∷ R →
    (first p x ≡ one order (length P) (length P + suc (length Q)))  and
    (second p x ≡ two order (length P) (length P + suc (length Q)))
  starts true P A Q B R yes windows-are with conditions true {P} {A} {Q} {B} {R} yes
  ... | P₁ , Q₁ , R₁ , P₂ , Q₂ , R₂ , order-is = first-is , second-is
    where
    f = at 0 (start₁ p)
    g = at 0 (start₂ p)
    first-is : first p x ≡ length P
    first-is = cong (λ ws → highest (map f ws)) windows-are ∙ cong highest (map-++ f P (A ∷ Q ++ B ∷ R))
      ∙ highest-at (map f P) (f A) (map f (Q ++ B ∷ R)) (all-map (_< f A) f P ∙ P₁)
          (all-map (λ r → not (f A < r)) f (Q ++ B ∷ R)
           ∙ all-++ (λ w → not (f A < f w)) Q Q₁ (both order-is R₁))
      ∙ length-map f P
    g⁺ = λ w → suc (g w)
    second-is : second p x ≡ length P + suc (length Q)
    second-is = cong₂ (λ n ws → highest (without n (map g ws))) first-is windows-are
      ∙ cong highest (without-at g P A (Q ++ B ∷ R) ∙ cong (λ ws → map g⁺ P ++ 0 ∷ ws) (map-++ g⁺ Q (B ∷ R))
                      ∙ sym (++-assoc (map g⁺ P) (0 ∷ map g⁺ Q) (g⁺ B ∷ map g⁺ R)))
      ∙ highest-at (map g⁺ P ++ 0 ∷ map g⁺ Q) (g⁺ B) (map g⁺ R)
          (all-++ (_< g⁺ B) (map g⁺ P) (all-map (_< g⁺ B) g⁺ P ∙ P₂) (all-map (_< g⁺ B) g⁺ Q ∙ Q₂))
          (all-map (λ r → not (g⁺ B < r)) g⁺ R ∙ R₂)
      ∙ length-++ (map g⁺ P) (0 ∷ map g⁺ Q) ∙ cong₂ (λ m n → m + suc n) (length-map g⁺ P) (length-map g⁺ Q)
  starts false P A Q B R yes windows-are with conditions false {P} {A} {Q} {B} {R} yes
  ... | P₁ , Q₁ , R₁ , P₂ , Q₂ , R₂ , order-is = first-is , second-is
    where
    f = at 0 (start₂ p)
    g = at 0 (start₁ p)
    windows-too = windows-are ∙ sym (++-assoc P (A ∷ Q) (B ∷ R))
    first-is : first p x ≡ length P + suc (length Q)
    first-is = cong (λ ws → highest (map g ws)) windows-too ∙ cong highest (map-++ g (P ++ A ∷ Q) (B ∷ R))
      ∙ highest-at (map g (P ++ A ∷ Q)) (g B) (map g R)
          (all-map (_< g B) g (P ++ A ∷ Q) ∙ all-++ (λ w → g w < g B) P P₂ (both order-is Q₂))
          (all-map (λ r → not (g B < r)) g R ∙ R₂)
      ∙ length-map g (P ++ A ∷ Q) ∙ length-++ P (A ∷ Q)
    f⁺ = λ w → suc (f w)
    second-is : second p x ≡ length P
    second-is = cong₂ (λ n ws → highest (without n (map f ws))) (first-is ∙ sym (length-++ P (A ∷ Q))) windows-too
      ∙ cong highest (without-at f (P ++ A ∷ Q) B R ∙ cong (_++ 0 ∷ map f⁺ R) (map-++ f⁺ P (A ∷ Q))
                      ∙ ++-assoc (map f⁺ P) (f⁺ A ∷ map f⁺ Q) (0 ∷ map f⁺ R))
      ∙ highest-at (map f⁺ P) (f⁺ A) (map f⁺ Q ++ 0 ∷ map f⁺ R) (all-map (_< f⁺ A) f⁺ P ∙ P₁)
          (all-++ (λ r → not (f⁺ A < r)) (map f⁺ Q) (all-map (λ r → not (f⁺ A < r)) f⁺ Q ∙ Q₁)
            (all-map (λ r → not (f⁺ A < r)) f⁺ R ∙ R₁))
      ∙ length-map f⁺ P

-- ---- The windows of a text: those of the first number's digits, those of the second one's, and those around them ----

window : Nat → Nat → Nat → Nat
window l k r = 64 * l + 8 * k + r

zeros : Nat → List Nat → List Nat
zeros zero ks = ks
zeros (suc n) ks = 0 ∷ zeros n ks

-- The windows of 1 + m digits with the kind l to their left, but for the last one; and the last one's left neighbour.
inner : Nat → Nat → List Nat
inner l zero = []
inner l (suc m) = window l 0 0 ∷ inner 0 m

neighbour : Nat → Nat → Nat
neighbour l zero = l
neighbour l (suc m) = neighbour 0 m

-- The same, but for the first window.
first-window : Nat → Nat → Nat
first-window s zero = window 5 0 s
first-window s (suc m) = window 5 0 0

later : Nat → Nat → List Nat
later s zero = []
later s (suc m) = inner 0 m ++ window (neighbour 0 m) 0 s ∷ []

zeros-in : ∀ n {ks} → zeros n (0 ∷ ks) ≡ 0 ∷ zeros n ks
zeros-in zero = refl
zeros-in (suc n) = cong (0 ∷_) (zeros-in n)

digit-kind : ∀ d → kind (digit d) ≡ 0
digit-kind d = equal (of-all (λ d → kind (digit d) == 0) {digits} refl (a-digit d))

kinds-written : ∀ ds {behind} → map kind (written ds behind) ≡ zeros (length ds) (map kind behind)
kinds-written [] = refl
kinds-written (d ∷ ds) {behind} =
  kinds-written ds ∙ cong (λ k → zeros (length ds) (k ∷ map kind behind)) (digit-kind d) ∙ zeros-in (length ds)

windows-run : ∀ l m r ks →
  windows l (zeros (suc m) (r ∷ ks)) ≡ inner l m ++ window (neighbour l m) 0 r ∷ windows 0 (r ∷ ks)
windows-run l zero r ks = refl
windows-run l (suc m) r ks = cong (window l 0 0 ∷_) (windows-run 0 m r ks)

kinds-text : ∀ u a s v b → map kind (text (u ∷ a) s (v ∷ b)) ≡
  5 ∷ zeros (suc (length a)) (kind s ∷ zeros (suc (length b)) (6 ∷ []))
kinds-text u a s v b = cong (5 ∷_) (kinds-written (u ∷ a)
  ∙ cong (λ ks → zeros (suc (length a)) (kind s ∷ ks)) (kinds-written (v ∷ b)))

-- The fingers start on the units of both numbers.
windows-units : ∀ u a s v b → windows 7 (map kind (text (u ∷ a) s (v ∷ b))) ≡
  (window 7 5 0 ∷ inner 5 (length a)) ++ window (neighbour 5 (length a)) 0 (kind s)
  ∷ (window 0 (kind s) 0 ∷ inner (kind s) (length b)) ++ window (neighbour (kind s) (length b)) 0 6 ∷ window 0 6 7 ∷ []
windows-units u a s v b = cong (windows 7) (kinds-text u a s v b)
  ∙ cong (window 7 5 0 ∷_) (windows-run 5 m k _
    ∙ cong (λ ws → inner 5 m ++ window (neighbour 5 m) 0 k ∷ window 0 k 0 ∷ ws) (windows-run k (length b) 6 []))
  where
  m = length a
  k = kind s

-- The first finger starts on the first digit of its number, and the other number has one digit.
windows-first : ∀ u a s v → windows 7 (map kind (text (u ∷ a) s (v ∷ []))) ≡
  (window 7 5 0 ∷ []) ++ first-window (kind s) (length a)
  ∷ (later (kind s) (length a) ++ window 0 (kind s) 0 ∷ []) ++ window (kind s) 0 6 ∷ window 0 6 7 ∷ []
windows-first u [] s v = cong (windows 7) (kinds-text u [] s v [])
windows-first u (x ∷ a) s v = cong (windows 7) (kinds-text u (x ∷ a) s v [])
  ∙ cong (λ ws → window 7 5 0 ∷ window 5 0 0 ∷ ws) (windows-run 0 m k _
    ∙ sym (++-assoc (inner 0 m) (last-one ∷ []) (window 0 k 0 ∷ the-others))
    ∙ sym (++-assoc (inner 0 m ++ last-one ∷ []) (window 0 k 0 ∷ []) the-others))
  where
  m = length a
  k = kind s
  last-one = window (neighbour 0 m) 0 k
  the-others = window k 0 6 ∷ window 0 6 7 ∷ []

-- ---- Numbers of more than four digits have the same windows as those of four, but more often ------------------------

cap : Nat → Nat
cap (suc (suc (suc m))) = 3
cap m = m

forms : (Nat → Bool) → Bool
forms f = f 0 & f 1 & f 2 & f 3

of-forms : ∀ (f : Nat → Bool) → forms f ≡ true → ∀ m → f (cap m) ≡ true
of-forms f yes zero = left& yes
of-forms f yes (suc zero) = left& (right& {f 0} yes)
of-forms f yes (suc (suc zero)) = left& (right& {f 1} (right& {f 0} yes))
of-forms f yes (suc (suc (suc m))) = right& {f 2} (right& {f 1} (right& {f 0} yes))

Covers : List Nat → List Nat → Set
Covers ws ws′ = ∀ (f : Nat → Bool) → all f ws ≡ true → all f ws′ ≡ true

inner-again : ∀ (f : Nat → Bool) → f (window 0 0 0) ≡ true → ∀ m → all f (inner 0 m) ≡ true
inner-again f yes zero = refl
inner-again f yes (suc m) = both yes (inner-again f yes m)

inner-covers : ∀ l m → Covers (inner l (cap m)) (inner l m)
inner-covers l zero f yes = yes
inner-covers l (suc zero) f yes = yes
inner-covers l (suc (suc zero)) f yes = yes
inner-covers l (suc (suc (suc m))) f yes = both once (both again (both again (inner-again f again m)))
  where
  once : f (window l 0 0) ≡ true
  once = left& yes
  again : f (window 0 0 0) ≡ true
  again = left& (right& {f (window l 0 0)} yes)

neighbour-zero : ∀ m → neighbour 0 m ≡ 0
neighbour-zero zero = refl
neighbour-zero (suc m) = neighbour-zero m

neighbour-cap : ∀ l m → neighbour l (cap m) ≡ neighbour l m
neighbour-cap l zero = refl
neighbour-cap l (suc zero) = refl
neighbour-cap l (suc (suc zero)) = refl
neighbour-cap l (suc (suc (suc m))) = sym (neighbour-zero m)

first-cap : ∀ s m → first-window s (cap m) ≡ first-window s m
first-cap s zero = refl
first-cap s (suc zero) = refl
first-cap s (suc (suc zero)) = refl
first-cap s (suc (suc (suc m))) = refl

later-covers : ∀ s m → Covers (later s (cap m)) (later s m)
later-covers s zero f yes = yes
later-covers s (suc zero) f yes = yes
later-covers s (suc (suc zero)) f yes = yes
later-covers s (suc (suc (suc m))) f yes =
  both again (both again (all-++ f (inner 0 m) (inner-again f again m) last-one))
  where
  again : f (window 0 0 0) ≡ true
  again = left& yes
  last-one : all f (window (neighbour 0 m) 0 s ∷ []) ≡ true
  last-one = cong (λ l → all f (window l 0 s ∷ [])) (neighbour-zero m)
    ∙ right& {f (window 0 0 0)} (right& {f (window 0 0 0)} yes)
