-- What a child does at school, column by column, is arithmetic on natural numbers.

module School where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Nat
open import Agda.Builtin.Sigma
open import Statement
open import Basics

-- ---- What the child writes, and keeps -------------------------------------------------------------------------------

to-digit : Nat → Digit
to-digit 0 = d0
to-digit 1 = d1
to-digit 2 = d2
to-digit 3 = d3
to-digit 4 = d4
to-digit 5 = d5
to-digit 6 = d6
to-digit 7 = d7
to-digit 8 = d8
to-digit _ = d9

-- The quotient of n by d, and the remainder; by 0 they are never asked for.
_÷_ _mod_ : Nat → Nat → Nat
n ÷ zero = 0
n ÷ suc d = div-helper 0 d n d
n mod zero = 0
n mod suc d = remainder n d

record Column : Set where
  constructor column
  field
    write keep : Digit
open Column public

add subtract multiply divide : Digit → Digit → Digit → Column
add x y carry = column (to-digit (n mod 10)) (to-digit (n ÷ 10))
  where n = digit x + digit y + digit carry
subtract x y borrowed = column (to-digit (n mod 10)) (to-digit (2 - n ÷ 10))
  where n = (20 + digit x) - (digit y + digit borrowed)
multiply x y carry = column (to-digit (n mod 10)) (to-digit (n ÷ 10))
  where n = digit x * digit y + digit carry
divide x y left-over = column (to-digit (n ÷ digit y)) (to-digit (n mod digit y))
  where n = digit x + digit left-over * 10

last : Digit → List Digit  -- the last carry is written, unless it is 0
last carry with digit carry == 0
... | true = []
... | false = carry ∷ []

sum difference : List Digit → List Digit → Digit → List Digit  -- of two numbers, the units first, and a carry
sum [] [] c = last c
sum (x ∷ a) (y ∷ b) c = write (add x y c) ∷ sum a b (keep (add x y c))
sum (x ∷ a) [] c = write (add x d0 c) ∷ sum a [] (keep (add x d0 c))
sum [] (y ∷ b) c = write (add d0 y c) ∷ sum [] b (keep (add d0 y c))
difference (x ∷ a) (y ∷ b) c = write (subtract x y c) ∷ difference a b (keep (subtract x y c))
difference (x ∷ a) [] c = write (subtract x d0 c) ∷ difference a [] (keep (subtract x d0 c))
difference [] b c = []

product : List Digit → Digit → Digit → List Digit  -- of a number, the units first, and a digit, and a carry
product [] d c = last c
product (x ∷ a) d c = write (multiply x d c) ∷ product a d (keep (multiply x d c))

quotient : List Digit → Digit → Digit → List Digit  -- of a number, the units last, by a digit; and what is left over
quotient [] d r = []
quotient (x ∷ a) d r = write (divide x d r) ∷ quotient a d (keep (divide x d r))

left-over : List Digit → Digit → Digit → Digit
left-over [] d r = r
left-over (x ∷ a) d r = left-over a d (keep (divide x d r))

long : List Digit → List Digit → List Digit  -- long multiplication: a row for each digit, shifted by its place, added
long a [] = []
long a (y ∷ b) = sum (product a y d0) (d0 ∷ long a b) d0

reading : List Digit → Nat → Nat  -- the value of a number, the units last, behind what has been read already
reading [] n = n
reading (x ∷ a) n = reading a (digit x + n * 10)

-- ---- That is arithmetic ---------------------------------------------------------------------------------------------

sum-right : ∀ a b c → value (sum a b c) ≡ value a + value b + digit c

difference-right : ∀ a b c n → n + (value b + digit c) ≡ value a → (length a < length b) ≡ false →
  value (difference a b c) + (value b + digit c) ≡ value a

product-right : ∀ a d c → value (product a d c) ≡ value a * digit d + digit c

quotient-right : ∀ a d r m n → (digit r < digit d) ≡ true → n ≡ m * digit d + digit r →
  (reading a n ≡ reading (quotient a d r) m * digit d + digit (left-over a d r))  and
  (digit (left-over a d r) < digit d) ≡ true

long-right : ∀ a b → value (long a b) ≡ value a * value b

-- ---- Every column is tried: 1,000 for each operation ----------------------------------------------------------------

digits : List Digit
digits = d0 ∷ d1 ∷ d2 ∷ d3 ∷ d4 ∷ d5 ∷ d6 ∷ d7 ∷ d8 ∷ d9 ∷ []

a-digit : ∀ d → d ∈ digits
a-digit d0 = here
a-digit d1 = there here
a-digit d2 = there (there here)
a-digit d3 = there (there (there here))
a-digit d4 = there (there (there (there here)))
a-digit d5 = there (there (there (there (there here))))
a-digit d6 = there (there (there (there (there (there here)))))
a-digit d7 = there (there (there (there (there (there (there here))))))
a-digit d8 = there (there (there (there (there (there (there (there here)))))))
a-digit d9 = there (there (there (there (there (there (there (there (there here))))))))

each : (Digit → Bool) → Bool
each f = all f digits

tried : (f : Digit → Digit → Digit → Bool) → each (λ x → each (λ y → each (f x y))) ≡ true → ∀ x y z → f x y z ≡ true
tried f yes x y z = of-all (f x y) (of-all (λ y → each (f x y)) (of-all (λ x → each (λ y → each (f x y))) yes
  (a-digit x)) (a-digit y)) (a-digit z)

implies : Bool → Bool → Bool
implies x y = choose x y true

add-right : ∀ x y c → digit (write (add x y c)) + digit (keep (add x y c)) * 10 ≡ digit x + digit y + digit c
add-right x y c = equal (tried (λ x y c →
  digit (write (add x y c)) + digit (keep (add x y c)) * 10 == digit x + digit y + digit c) refl x y c)

subtract-right : ∀ x y c →
  digit (write (subtract x y c)) + (digit y + digit c) ≡ digit x + digit (keep (subtract x y c)) * 10
subtract-right x y c = equal (tried (λ x y c →
  digit (write (subtract x y c)) + (digit y + digit c) == digit x + digit (keep (subtract x y c)) * 10) refl x y c)

multiply-right : ∀ x y c →
  digit (write (multiply x y c)) + digit (keep (multiply x y c)) * 10 ≡ digit x * digit y + digit c
multiply-right x y c = equal (tried (λ x y c →
  digit (write (multiply x y c)) + digit (keep (multiply x y c)) * 10 == digit x * digit y + digit c) refl x y c)

divide-check : Digit → Digit → Digit → Bool
divide-check x y r = (digit x + digit r * 10 == digit (write (divide x y r)) * digit y + digit (keep (divide x y r)))
                   & (digit (keep (divide x y r)) < digit y)

divide-right : ∀ x y r → (digit r < digit y) ≡ true → divide-check x y r ≡ true
divide-right x y r small
  with digit r < digit y | tried (λ x y r → implies (digit r < digit y) (divide-check x y r)) refl x y r
... | true | yes = yes

-- ---- The columns together -------------------------------------------------------------------------------------------

last-right : ∀ c → value (last c) ≡ digit c
last-right c with digit c == 0 in zero?
... | true = sym (equal zero?)
... | false = +-zero (digit c)

-- One more column in front, where w is written and t is kept.
one-more : ∀ w t n → (w + (n + t) * 10) ≡ (w + t * 10) + n * 10
one-more w t n = cong (w +_) (*-plus n t 10 ∙ +-comm (n * 10) (t * 10)) ∙ sym (+-assoc w (t * 10) (n * 10))

sum-column : ∀ x y c a b {n} → n ≡ a + b + digit (keep (add x y c)) →
  digit (write (add x y c)) + n * 10 ≡ (digit x + a * 10) + (digit y + b * 10) + digit c
sum-column x y c a b refl =
  one-more (digit (write (add x y c))) (digit (keep (add x y c))) (a + b)
  ∙ cong (_+ (a + b) * 10) (add-right x y c)
  ∙ +-swap (digit x + digit y) (digit c) ((a + b) * 10)
  ∙ cong (_+ digit c) (cong (digit x + digit y +_) (*-plus a b 10) ∙ +-inter (digit x) (digit y) (a * 10) (b * 10))

sum-right [] [] c = last-right c
sum-right (x ∷ a) (y ∷ b) c = sum-column x y c (value a) (value b) (sum-right a b (keep (add x y c)))
sum-right (x ∷ a) [] c = sum-column x d0 c (value a) 0 (sum-right a [] (keep (add x d0 c)))
sum-right [] (y ∷ b) c = sum-column d0 y c 0 (value b) (sum-right [] b (keep (add d0 y c)))

cancel : ∀ k {m n} → k + m ≡ k + n → m ≡ n
cancel zero eq = eq
cancel (suc k) eq = cancel k (cong (_- 1) eq)

ten-out : ∀ k n → k + (10 + n) ≡ 10 + (k + n)
ten-out k n = sym (+-assoc k 10 n) ∙ cong (_+ n) (+-comm k 10)

-- If b with any digit behind it is no larger than a with the digit w behind it, then b is no larger than a.
no-larger : ∀ b a {n} w → n + b * 10 ≡ digit w + a * 10 → exists λ m → m + b ≡ a
no-larger zero a w eq = a , +-zero a
no-larger (suc b) (suc a) {n} w eq
  with no-larger b a w (cancel 10 (sym (ten-out n (b * 10)) ∙ eq ∙ ten-out (digit w) (a * 10)))
... | m , smaller = m , (+-suc m b ∙ cong suc smaller)
no-larger (suc b) zero {n} w eq = never (impossible w (sym (ten-out n (b * 10)) ∙ eq))
  where
  impossible : ∀ w {m} → 10 + m ≡ digit w + 0 → ⊥
  impossible d0 ()
  impossible d1 ()
  impossible d2 ()
  impossible d3 ()
  impossible d4 ()
  impossible d5 ()
  impossible d6 ()
  impossible d7 ()
  impossible d8 ()
  impossible d9 ()

-- So where a is large enough, it still is after a column.
still : ∀ x y c a b n → n + ((digit y + b * 10) + digit c) ≡ digit x + a * 10 →
  exists λ m → m + (b + digit (keep (subtract x y c))) ≡ a
still x y c a b n large = no-larger (b + t) a (write (subtract x y c)) (cancel k (
  sym (+-assoc k n ((b + t) * 10)) ∙ cong (_+ (b + t) * 10) (+-comm k n) ∙ +-assoc n k ((b + t) * 10)
  ∙ cong (λ z → n + (k + z)) (*-plus b t 10) ∙ cong (n +_) (sym (+-assoc k (b * 10) (t * 10)))
  ∙ sym (+-assoc n (k + b * 10) (t * 10)) ∙ cong (λ z → n + z + t * 10) (+-swap (digit y) (digit c) (b * 10))
  ∙ cong (_+ t * 10) large ∙ +-swap (digit x) (a * 10) (t * 10) ∙ cong (_+ a * 10) (sym (subtract-right x y c))
  ∙ cong (_+ a * 10) (+-comm w k) ∙ +-assoc k w (a * 10)))
  where
  t = digit (keep (subtract x y c))
  w = digit (write (subtract x y c))
  k = digit y + digit c

difference-column : ∀ x y c a b n → n + (b + digit (keep (subtract x y c))) ≡ a →
  (digit (write (subtract x y c)) + n * 10) + ((digit y + b * 10) + digit c) ≡ digit x + a * 10
difference-column x y c a b n refl =
  cong (w + n * 10 +_) (+-swap (digit y) (b * 10) (digit c)) ∙ +-inter w (n * 10) (digit y + digit c) (b * 10)
  ∙ cong (_+ (n * 10 + b * 10)) (subtract-right x y c) ∙ +-assoc (digit x) (t * 10) (n * 10 + b * 10)
  ∙ cong (digit x +_) (+-comm (t * 10) (n * 10 + b * 10) ∙ cong (_+ t * 10) (sym (*-plus n b 10))
                       ∙ sym (*-plus (n + b) t 10) ∙ cong (_* 10) (+-assoc n b t))
  where
  t = digit (keep (subtract x y c))
  w = digit (write (subtract x y c))

nothing : ∀ n {m} → n + m ≡ 0 → m ≡ 0
nothing zero eq = eq

difference-right [] [] c n large short = nothing n large
difference-right (x ∷ a) (y ∷ b) c n large short with still x y c (value a) (value b) n large
... | m , rest = difference-column x y c (value a) (value b) (value (difference a b _))
  (difference-right a b _ m rest short)
difference-right (x ∷ a) [] c n large short with still x d0 c (value a) 0 n large
... | m , rest = difference-column x d0 c (value a) 0 (value (difference a [] _))
  (difference-right a [] _ m rest refl)

product-right [] d c = last-right c
product-right (x ∷ a) d c =
  cong (λ n → w + n * 10) (product-right a d (keep (multiply x d c)))
  ∙ one-more w (digit (keep (multiply x d c))) (value a * digit d)
  ∙ cong (_+ value a * digit d * 10) (multiply-right x d c)
  ∙ +-swap (digit x * digit d) (digit c) (value a * digit d * 10)
  ∙ cong (_+ digit c) (cong (digit x * digit d +_) (*-assoc (value a) (digit d) 10
                         ∙ cong (value a *_) (*-comm (digit d) 10) ∙ sym (*-assoc (value a) 10 (digit d)))
                       ∙ sym (*-plus (digit x) (value a * 10) (digit d)))
  where w = digit (write (multiply x d c))

quotient-right [] d r m n small eq = eq , small
quotient-right (x ∷ a) d r m n small eq = quotient-right a d (keep (divide x d r)) (w + m * 10) (digit x + n * 10)
  (right& {digit x + digit r * 10 == w * digit d + t} one)
  (cong (λ n → digit x + n * 10) eq ∙ one-more (digit x) (digit r) (m * digit d)
   ∙ cong (_+ m * digit d * 10) (equal (left& one)) ∙ +-swap (w * digit d) t (m * digit d * 10)
   ∙ cong (_+ t) (cong (w * digit d +_) (*-assoc m (digit d) 10 ∙ cong (m *_) (*-comm (digit d) 10)
                                         ∙ sym (*-assoc m 10 (digit d))) ∙ sym (*-plus w (m * 10) (digit d))))
  where
  one = divide-right x d r small
  w = digit (write (divide x d r))
  t = digit (keep (divide x d r))

long-right a [] = sym (*-zero (value a))
long-right a (y ∷ b) =
  sum-right (product a y d0) (d0 ∷ long a b) d0 ∙ +-zero _
  ∙ cong₂ _+_ (product-right a y d0 ∙ +-zero _) (cong (_* 10) (long-right a b) ∙ *-assoc (value a) (value b) 10)
  ∙ cong₂ _+_ (*-comm (value a) (digit y)) (*-comm (value a) (value b * 10))
  ∙ sym (*-plus (digit y) (value b * 10) (value a)) ∙ *-comm (digit y + value b * 10) (value a)
