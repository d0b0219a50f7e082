-- What every proof needs: equality, yes and no, lists, and sums and products of natural numbers.

module Basics where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Nat
open import Agda.Builtin.Sigma
open import Statement

-- ---- Equality -------------------------------------------------------------------------------------------------------

sym : {A : Set} {x y : A} → x ≡ y → y ≡ x
sym refl = refl

infixr 4 _∙_
_∙_ : {A : Set} {x y z : A} → x ≡ y → y ≡ z → x ≡ z
refl ∙ q = q

cong : {A B : Set} (f : A → B) {x y : A} → x ≡ y → f x ≡ f y
cong f refl = refl

cong₂ : {A B C : Set} (f : A → B → C) {x y : A} {z w : B} → x ≡ y → z ≡ w → f x z ≡ f y w
cong₂ f refl refl = refl

data ⊥ : Set where

never : {A : Set} → ⊥ → A
never ()

-- ---- Yes and no -----------------------------------------------------------------------------------------------------

infixr 5 _&_
_&_ : Bool → Bool → Bool
true & y = y
false & y = false

left& : ∀ {x y} → (x & y) ≡ true → x ≡ true
left& {true} yes = refl

right& : ∀ {x y} → (x & y) ≡ true → y ≡ true
right& {true} yes = yes

split& : ∀ {x y} → (x & y) ≡ true → (x ≡ true) and (y ≡ true)
split& {true} yes = refl , yes

both : ∀ {x y} → x ≡ true → y ≡ true → (x & y) ≡ true
both refl yes = yes

not : Bool → Bool
not true = false
not false = true

is-false : ∀ {x} → not x ≡ true → x ≡ false
is-false {false} yes = refl

choose : {A : Set} → Bool → A → A → A
choose true x y = x
choose false x y = y

-- ---- Lists ----------------------------------------------------------------------------------------------------------

infixr 5 _++_
_++_ : {A : Set} → List A → List A → List A
[] ++ ys = ys
(x ∷ xs) ++ ys = x ∷ (xs ++ ys)

infix 4 _∈_
data _∈_ {A : Set} (x : A) : List A → Set where
  here : ∀ {xs} → x ∈ x ∷ xs
  there : ∀ {y xs} → x ∈ xs → x ∈ y ∷ xs

in-left : {A : Set} {x : A} {xs ys : List A} → x ∈ xs → x ∈ xs ++ ys
in-left here = here
in-left (there p) = there (in-left p)

in-right : {A : Set} {x : A} (xs : List A) {ys : List A} → x ∈ ys → x ∈ xs ++ ys
in-right [] p = p
in-right (_ ∷ xs) p = there (in-right xs p)

in-map : {A B : Set} (f : A → B) {x : A} {xs : List A} → x ∈ xs → f x ∈ map f xs
in-map f here = here
in-map f (there p) = there (in-map f p)

all any : {A : Set} → (A → Bool) → List A → Bool
all f [] = true
all f (x ∷ xs) = f x & all f xs
any f [] = false
any f (x ∷ xs) = choose (f x) true (any f xs)

of-all : {A : Set} (f : A → Bool) {xs : List A} → all f xs ≡ true → ∀ {x} → x ∈ xs → f x ≡ true
of-all f yes here = left& yes
of-all f yes (there p) = of-all f (right& yes) p

found : {A : Set} {same : A → A → Bool} → (∀ x y → same x y ≡ true → x ≡ y) →
  ∀ {x} xs → any (same x) xs ≡ true → x ∈ xs
found {same = same} sound {x} (y ∷ xs) yes with same x y in eq
... | false = there (found sound xs yes)
... | true with sound x y eq
... | refl = here

-- ---- Natural numbers ------------------------------------------------------------------------------------------------

equal : ∀ {x y} → (x == y) ≡ true → x ≡ y
equal {zero} {zero} yes = refl
equal {suc x} {suc y} yes = cong suc (equal yes)

+-zero : ∀ x → x + 0 ≡ x
+-zero zero = refl
+-zero (suc x) = cong suc (+-zero x)

+-suc : ∀ x y → x + suc y ≡ suc (x + y)
+-suc zero y = refl
+-suc (suc x) y = cong suc (+-suc x y)

+-comm : ∀ x y → x + y ≡ y + x
+-comm zero y = sym (+-zero y)
+-comm (suc x) y = cong suc (+-comm x y) ∙ sym (+-suc y x)

+-assoc : ∀ x y z → (x + y) + z ≡ x + (y + z)
+-assoc zero y z = refl
+-assoc (suc x) y z = cong suc (+-assoc x y z)

+-swap : ∀ x y z → (x + y) + z ≡ (x + z) + y
+-swap x y z = +-assoc x y z ∙ cong (x +_) (+-comm y z) ∙ sym (+-assoc x z y)

+-inter : ∀ a b c d → (a + b) + (c + d) ≡ (a + c) + (b + d)
+-inter a b c d = sym (+-assoc (a + b) c d) ∙ cong (_+ d) (+-swap a b c) ∙ +-assoc (a + c) b d

*-plus : ∀ x y n → (x + y) * n ≡ x * n + y * n
*-plus zero y n = refl
*-plus (suc x) y n = cong (n +_) (*-plus x y n) ∙ sym (+-assoc n (x * n) (y * n))

*-assoc : ∀ x y z → (x * y) * z ≡ x * (y * z)
*-assoc zero y z = refl
*-assoc (suc x) y z = *-plus y (x * y) z ∙ cong (y * z +_) (*-assoc x y z)

*-zero : ∀ x → x * 0 ≡ 0
*-zero zero = refl
*-zero (suc x) = *-zero x

*-suc : ∀ x y → x * suc y ≡ x + x * y
*-suc zero y = refl
*-suc (suc x) y = cong suc (cong (y +_) (*-suc x y) ∙ sym (+-assoc y x (x * y)) ∙ cong (_+ x * y) (+-comm y x)
                            ∙ +-assoc x y (x * y))

*-comm : ∀ x y → x * y ≡ y * x
*-comm zero y = sym (*-zero y)
*-comm (suc x) y = cong (y +_) (*-comm x y) ∙ sym (*-suc y x)

plus-minus : ∀ x y → (x + y) - y ≡ x
plus-minus x zero = +-zero x
plus-minus x (suc y) = cong (_- suc y) (+-suc x y) ∙ plus-minus x y
