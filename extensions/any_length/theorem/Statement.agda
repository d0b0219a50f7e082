-- What the theorem says. Whoever trusts Agda and reads this file knows what is proved; no proof stands in it.
--
-- Agda's signs:  x ∷ xs  the list that begins with x and goes on with xs     []  the empty list     suc n  n + 1
--                ∀ a b →  for all a and b     exists λ c →  there is a c such that     ≡  equals     :  is of the type

module Statement where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Nat
open import Agda.Builtin.Sigma

-- ---- Numbers: lists of digits, any number of them, the units first. 958 is d8 ∷ d5 ∷ d9 ∷ [] ------------------------

data Digit : Set where
  d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 : Digit

digit : Digit → Nat
digit d0 = 0 ; digit d1 = 1 ; digit d2 = 2 ; digit d3 = 3 ; digit d4 = 4
digit d5 = 5 ; digit d6 = 6 ; digit d7 = 7 ; digit d8 = 8 ; digit d9 = 9

value : List Digit → Nat
value [] = 0
value (d ∷ ds) = digit d + value ds * 10

-- ---- Texts: lists of characters. A character is its place in "0123456789+-*/ =", so a digit is itself ---------------

plus minus times over blank equals : Nat
plus = 10 ; minus = 11 ; times = 12 ; over = 13 ; blank = 14 ; equals = 15

-- A number as we write it, the units last, and the text behind it.
written : List Digit → List Nat → List Nat
written [] behind = behind
written (d ∷ ds) behind = written ds (digit d ∷ behind)

-- " 958+67=" is text (d8 ∷ d5 ∷ d9 ∷ []) plus (d7 ∷ d6 ∷ []): a blank, the number, the sign, the number, "=".
text : List Digit → Nat → List Digit → List Nat
text a sign b = blank ∷ written a (sign ∷ written b (equals ∷ []))

example : text (d8 ∷ d5 ∷ d9 ∷ []) plus (d7 ∷ d6 ∷ []) ≡ 14 ∷ 9 ∷ 5 ∷ 8 ∷ 10 ∷ 6 ∷ 7 ∷ 15 ∷ []
example = refl

-- ---- The table of a trained network, and how it works ---------------------------------------------------------------

data Move : Set where
  left stay right : Move

record Program : Set where
  field
    start₁ start₂ : List Nat        -- for each finger, a rank for each window of three kinds: 512
    moves₁ moves₂ : List Move       -- for each finger, a move for each pair of kinds read: 49
    outputs next : List (List Nat)  -- for each state 16 numbers, one for each character under the first finger, each
                                    -- with 16 hexadecimal digits (next: 16 x 4), one for each under the second finger
open Program

at : {A : Set} → A → List A → Nat → A  -- the element in place n, counted from 0; there is none: the value given
at none [] n = none
at none (x ∷ xs) zero = x
at none (x ∷ xs) (suc n) = at none xs n

remainder : Nat → Nat → Nat  -- of a division by 1 + n
remainder x n = mod-helper 0 n x n

hexadecimal : Nat → Nat → Nat → Nat  -- the digit in place n, counted from the last one, to the base 1 + base
hexadecimal base x zero = remainder x base
hexadecimal base x (suc n) = hexadecimal base (div-helper 0 base x base) n

example₂ : hexadecimal 15 0x0123456789abcdef (15 - 12) ≡ 12
example₂ = refl

output : Program → Nat → Nat → Nat → Nat  -- the character that is written in a state, with two characters read
output p state c d = hexadecimal 15 (at 0 (at [] (outputs p) state) c) (15 - d)

after : Program → Nat → Nat → Nat → Nat   -- the next state
after p state c d = hexadecimal 65535 (at 0 (at [] (next p) state) c) (15 - d)

-- The fingers see kinds: 0 a digit, 1 to 4 a sign, 5 the blank, 6 "=", and 7 outside of the text.
kind : Nat → Nat
kind c = c - 9

-- The windows of a text's kinds: of each place the kind to its left, its own, and the kind to its right, as a number.
windows : Nat → List Nat → List Nat
windows l [] = []
windows l (k ∷ []) = 64 * l + 8 * k + 7 ∷ []
windows l (k ∷ r ∷ ks) = 64 * l + 8 * k + r ∷ windows k (r ∷ ks)

map : {A B : Set} → (A → B) → List A → List B
map f [] = []
map f (x ∷ xs) = f x ∷ map f xs

ranks : List Nat → List Nat → List Nat
ranks start x = map (at 0 start) (windows 7 (map kind x))

-- The place of the highest rank, the leftmost of equals: it is the first, unless a later one exceeds it.
exceeded : Nat → List Nat → Bool
exceeded r [] = false
exceeded r (s ∷ ss) with r < s
... | true = true
... | false = exceeded r ss

highest : List Nat → Nat
highest [] = 0
highest (r ∷ rs) with exceeded r rs
... | true = suc (highest rs)
... | false = 0

-- All ranks are raised by one, but for that in place n, which becomes 0 and so is never the highest.
without : Nat → List Nat → List Nat
without n [] = []
without zero (r ∷ rs) = 0 ∷ map suc rs
without (suc n) (r ∷ rs) = suc r ∷ without n rs

first second : Program → List Nat → Nat  -- where the fingers start; the second one never where the first one does
first p x = highest (ranks (start₁ p) x)
second p x = highest (without (first p x) (ranks (start₂ p) x))

length : {A : Set} → List A → Nat
length [] = 0
length (x ∷ xs) = suc (length xs)

move : Move → List Nat → Nat → Nat  -- within the text: 0 - 1 is 0
move left x place = place - 1
move stay x place = place
move right x place with suc place < length x
... | true = suc place
... | false = place

-- Writes p x state i j cs: in this state, with the fingers in the places i and j of the text x, the table writes the
-- characters cs, none of them a blank, then a blank, and stops. In each step it reads, writes, and moves both fingers.
character : List Nat → Nat → Nat
character = at blank

pair : List Nat → Nat → Nat → Nat
pair x i j = 7 * kind (character x i) + kind (character x j)

data Writes (p : Program) (x : List Nat) (state i j : Nat) : List Nat → Set where
  stops : output p state (character x i) (character x j) ≡ blank → Writes p x state i j []
  writes : ∀ {c cs} → output p state (character x i) (character x j) ≡ c → (c == blank) ≡ false →
    Writes p x (after p state (character x i) (character x j))
               (move (at stay (moves₁ p) (pair x i j)) x i) (move (at stay (moves₂ p) (pair x i j)) x j) cs →
    Writes p x state i j (c ∷ cs)

-- From the start, in state 0, the table answers a text x with the characters cs, and stops. There is no other answer:
-- only-answer in Theorem.agda.
Answers : Program → List Nat → List Nat → Set
Answers p x cs = Writes p x 0 (first p x) (second p x) cs

-- ---- The four theorems, each about all numbers, of any length -------------------------------------------------------

_and_ : Set → Set → Set
A and B = Σ A λ _ → B
infixr 2 _and_

exists : {A : Set} → (A → Set) → Set
exists {A} B = Σ A B

-- The answer to " a+b=" is a + b, the units first, and a blank.
Adds : Program → Set
Adds p = ∀ u a v b → exists λ c →
  Answers p (text (u ∷ a) plus (v ∷ b)) (map digit c)  and  value c ≡ value (u ∷ a) + value (v ∷ b)

-- The answer to " a-b=" is a - b, the units first, and a blank, where b is no larger than a, and has no more digits.
-- (It has no more digits than a, unless zeros stand in front of it: no-more-digits in Theorem.agda.)
Subtracts : Program → Set
Subtracts p = ∀ u a v b → (value (u ∷ a) < value (v ∷ b)) ≡ false → (length a < length b) ≡ false → exists λ c →
  Answers p (text (u ∷ a) minus (v ∷ b)) (map digit c)  and  value c ≡ value (u ∷ a) - value (v ∷ b)

-- The answer to " a*b=" is a * b, the units first, and a blank, where b has one digit.
Multiplies : Program → Set
Multiplies p = ∀ u a v → exists λ c →
  Answers p (text (u ∷ a) times (v ∷ [])) (map digit c)  and  value c ≡ value (u ∷ a) * digit v

-- The answer to " a/b=" is c, the units last, and a blank, where b has one digit, not 0: a is c * b and a remainder
-- smaller than b, so that c is the quotient.
Divides : Program → Set
Divides p = ∀ u a v → (digit v == 0) ≡ false → exists λ c → exists λ r →
  Answers p (text (u ∷ a) over (v ∷ [])) (written c [])  and  value (u ∷ a) ≡ value c * digit v + r  and
  (r < digit v) ≡ true
