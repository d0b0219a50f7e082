-- What the fingers read: in a text of any two numbers and a sign, two fingers that start where they must, and pass a
-- check of their moves, read what the rules allow.

module Fingers where

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

-- ---- A finger in a text ---------------------------------------------------------------------------------------------

-- The finger in place i of the text x is on the first of these characters, and has the others to its left.
data Left-of (x : List Nat) : List Nat → Nat → Set where
  left-of : ∀ {c cs behind} → x ≡ onto cs (c ∷ behind) → Left-of x (c ∷ cs) (length cs)

-- The finger in place i of the text x is on the first of these characters, and has the others to its right.
data Right-of (x : List Nat) : List Nat → Nat → Set where
  right-of : ∀ {cs} before → x ≡ onto before cs → Right-of x cs (length before)

at-onto : ∀ {A : Set} (z : A) cs n {ys} → at z (onto cs ys) (length cs + n) ≡ at z ys n
at-onto z [] n = refl
at-onto z (c ∷ cs) n {ys} = cong (at z (onto cs (c ∷ ys))) (sym (+-suc (length cs) n)) ∙ at-onto z cs (suc n)

on-it : ∀ {c behind} cs → character (onto cs (c ∷ behind)) (length cs) ≡ c
on-it {c} {behind} cs = cong (character (onto cs (c ∷ behind))) (sym (+-zero (length cs))) ∙ at-onto blank cs 0

reads-left : ∀ {x c cs i} → Left-of x (c ∷ cs) i → character x i ≡ c
reads-left (left-of {cs = cs} refl) = on-it cs

reads-right : ∀ {x c cs i} → Right-of x (c ∷ cs) i → character x i ≡ c
reads-right (right-of before refl) = on-it before

go-left : ∀ {x c d cs i} → Left-of x (c ∷ d ∷ cs) i → Left-of x (d ∷ cs) (move left x i)
go-left (left-of eq) = left-of eq

length-onto : ∀ {A : Set} (cs : List A) ys → length (onto cs ys) ≡ length cs + length ys
length-onto [] ys = refl
length-onto (c ∷ cs) ys = length-onto cs (c ∷ ys) ∙ +-suc (length cs) (length ys)

smaller : ∀ m n → (m < m + suc n) ≡ true
smaller zero n = refl
smaller (suc m) n = smaller m n

go-right : ∀ {x c d cs i} → Right-of x (c ∷ d ∷ cs) i → Right-of x (d ∷ cs) (move right x i)
go-right {x} {c} {d} {cs} (right-of before eq)
  with suc (length before) < length x
     | cong (suc (length before) <_)
         (cong length eq ∙ length-onto before (c ∷ d ∷ cs) ∙ +-suc (length before) (suc (length cs)))
       ∙ smaller (length before) (length cs)
... | true | refl = right-of (c ∷ before) eq

-- ---- What two fingers read, one after the other; and what the table writes then -------------------------------------

is-move : Move → Move → Bool
is-move left left = true
is-move stay stay = true
is-move right right = true
is-move _ _ = false

moves-so : ∀ m n → is-move m n ≡ true → n ≡ m
moves-so left left yes = refl
moves-so stay stay yes = refl
moves-so right right yes = refl

-- The character under the finger where it is at the end of its number is a blank or a sign, a parameter here.
shown : Nat → Read → Nat
shown e [ d ] = digit d
shown e ended = e
shown e beyond = equals

kind-shown : Nat → Read → Nat
kind-shown e [ d ] = 0
kind-shown e ended = kind e
kind-shown e beyond = 6

not-blank : ∀ d → (digit d == blank) ≡ false
not-blank d = is-false (of-all (λ d → not (digit d == blank)) {digits} refl (a-digit d))

kinds : ∀ e r → kind (shown e r) ≡ kind-shown e r
kinds e [ d ] = digit-kind d
kinds e ended = refl
kinds e beyond = refl

module Reading (p : Program) (x : List Nat) (e₁ e₂ : Nat) where

  open Two p

  module _ (order : Bool) where

    write-symbol next-symbol : Nat → Symbol → Nat
    write-symbol state (r || q) = write-in order state (shown e₁ r) (shown e₂ q)
    next-symbol state (r || q) = next-in order state (shown e₁ r) (shown e₂ q)

    -- The finger in the first number, from place i, and the one in the second number, from place j, read the symbols.
    data Reads : Nat → Nat → List Symbol → Set where
      [] : ∀ {i j} → Reads i j []
      reads : ∀ {i j r q ss m n} → character x i ≡ shown e₁ r → character x j ≡ shown e₂ q →
        move-first order (kind-shown e₁ r) (kind-shown e₂ q) ≡ m →
        move-second order (kind-shown e₁ r) (kind-shown e₂ q) ≡ n →
        Reads (move m x i) (move n x j) ss → Reads i j ((r || q) ∷ ss)

  writes-so : ∀ {state i j c d k l w cs} → character x i ≡ c → character x j ≡ d → kind c ≡ k → kind d ≡ l →
    output p state c d ≡ w → (w == blank) ≡ false →
    Writes p x (after p state c d) (move (at stay (moves₁ p) (7 * k + l)) x i)
                                   (move (at stay (moves₂ p) (7 * k + l)) x j) cs →
    Writes p x state i j (w ∷ cs)
  writes-so refl refl refl refl = writes

  stops-so : ∀ {state i j c d} → character x i ≡ c → character x j ≡ d → output p state c d ≡ blank →
    Writes p x state i j []
  stops-so refl refl = stops

  table-writes : ∀ order same sound {state i j ss} rule ws → Reads order i j ss →
    Table.run {Symbol} {Kept} rule (write-symbol order) (next-symbol order) same sound state ss
      ≡ map digit ws ++ blank ∷ [] →
    Writes p x state (one order i j) (two order i j) (map digit ws)
  table-writes order same sound rule [] [] ()
  table-writes order same sound rule (w ∷ ws) [] ()
  table-writes true same sound rule [] (reads here₁ here₂ _ _ _) eq = stops-so here₁ here₂ (head-of eq)
  table-writes false same sound rule [] (reads here₁ here₂ _ _ _) eq = stops-so here₂ here₁ (head-of eq)
  table-writes true same sound rule (w ∷ ws) (reads {r = r} {q} here₁ here₂ refl refl rest) eq =
    writes-so here₁ here₂ (kinds e₁ r) (kinds e₂ q) (head-of eq) (not-blank w)
      (table-writes true same sound rule ws rest (tail-of eq))
  table-writes false same sound rule (w ∷ ws) (reads {r = r} {q} here₁ here₂ refl refl rest) eq =
    writes-so here₂ here₁ (kinds e₂ q) (kinds e₁ r) (head-of eq) (not-blank w)
      (table-writes false same sound rule ws rest (tail-of eq))

-- ---- What the fingers read in each operation, if their moves are right ----------------------------------------------

-- A number's digits in a text, from the left: what stands in front of them is its left end.
written-onto : ∀ ds c cs {behind} → onto cs (c ∷ written ds behind) ≡ onto (map digit ds ++ c ∷ cs) behind
written-onto [] c cs = refl
written-onto (d ∷ ds) c cs {behind} = written-onto ds c cs

next-left : ∀ {x d e cs i} ds →
  Left-of x (d ∷ map digit ds ++ e ∷ cs) i → Left-of x (map digit ds ++ e ∷ cs) (move left x i)
next-left [] = go-left
next-left (_ ∷ _) = go-left

next-right : ∀ {x d e cs i} ds →
  Right-of x (d ∷ map digit ds ++ e ∷ cs) i → Right-of x (map digit ds ++ e ∷ cs) (move right x i)
next-right [] = go-right
next-right (_ ∷ _) = go-right

-- On the blank in front, the leftmost place, a finger may stay or go left: it stays there.
at-edge : ∀ {x c i} m → not (is-move right m) ≡ true → Left-of x (c ∷ []) i → Left-of x (c ∷ []) (move m x i)
at-edge left yes (left-of eq) = left-of eq
at-edge stay yes (left-of eq) = left-of eq

-- After a move from the blank in front, and from "+"; and from the second number of a product, which is d.
first-last sum-last : Move → List Read
first-last right = all-digits
first-last _ = ended ∷ []
sum-last stay = ended ∷ []
sum-last _ = all-digits

product-last : Move → Digit → Read
product-last left d = ended
product-last stay d = [ d ]
product-last right d = beyond

module Operations (p : Program) (order : Bool) where

  open Two p order

  goes : Move → Move → Bool
  goes = is-move

  -- Kinds: 0 a digit, 5 the blank, and the sign's.
  sum-moves difference-moves product-moves quotient-moves : Bool
  sum-moves = goes left (move-first 0 0) & goes left (move-second 0 0)
            & goes left (move-first 0 1) & goes stay (move-second 0 1)
            & not (goes right (move-first 5 0)) & goes left (move-second 5 0)
  difference-moves = goes left (move-first 0 0) & goes left (move-second 0 0)
                   & goes left (move-first 0 2) & goes stay (move-second 0 2)
  product-moves = goes left (move-first 0 0) & goes stay (move-second 0 0)
  quotient-moves = goes right (move-first 0 0) & goes stay (move-second 0 0)

  -- What may be read when the last carry has been written, wherever the fingers have moved then.
  sum-lasts product-lasts : Digit → List Symbol
  sum-lasts _ = pairs (first-last (move-first 5 1)) (sum-last (move-second 5 1))
  product-lasts d = pairs (first-last (move-first 5 0)) (product-last (move-second 5 0) d ∷ [])

module Moving (p : Program) (order : Bool) (x : List Nat) where

  open Two p order
  open Operations p order

  at-blank : ∀ m {w cs} → Right-of x (blank ∷ digit w ∷ cs) 0 →
    exists λ r → (r ∈ first-last m) and (character x (move m x 0) ≡ shown blank r)
  at-blank left edge = ended , here , reads-right edge
  at-blank stay edge = ended , here , reads-right edge
  at-blank right {w} edge = [ w ] , a-read w , reads-right (go-right edge)

  at-plus : ∀ m {u w cs ds j} → Left-of x (plus ∷ digit u ∷ cs) j → Right-of x (plus ∷ digit w ∷ ds) j →
    exists λ q → (q ∈ sum-last m) and (character x (move m x j) ≡ shown plus q)
  at-plus left {u} to-left to-right = [ u ] , a-read u , reads-left (go-left to-left)
  at-plus stay to-left to-right = ended , here , reads-left to-left
  at-plus right {w = w} to-left to-right = [ w ] , a-read w , reads-right (go-right to-right)

  at-digit : ∀ m {d cs ds j} → Left-of x (digit d ∷ times ∷ cs) j → Right-of x (digit d ∷ equals ∷ ds) j →
    character x (move m x j) ≡ shown times (product-last m d)
  at-digit left to-left to-right = reads-left (go-left to-left)
  at-digit stay to-left to-right = reads-left to-left
  at-digit right to-left to-right = reads-right (go-right to-right)

  sum-read : sum-moves ≡ true → ∀ {u cs v ds w es} → Right-of x (blank ∷ digit w ∷ es) 0 →
    Left-of x (plus ∷ digit u ∷ cs) (suc (length cs)) → Right-of x (plus ∷ digit v ∷ ds) (suc (length cs)) →
    ∀ a b c {i j} → Left-of x (map digit a ++ blank ∷ []) i → Left-of x (map digit b ++ plus ∷ digit u ∷ cs) j →
    exists λ l → (l ∈ sum-lasts d0) and Reading.Reads p x blank plus order i j (sum-reads a b c l)
  sum-read yes {u} {cs} edge to-left to-right a b c A B
    with at-blank (move-first 5 1) edge | at-plus (move-second 5 1) to-left to-right
  ... | r , r∈ , first-reads | q , q∈ , second-reads =
    (r || q) , in-pairs (first-last (move-first 5 1)) (sum-last (move-second 5 1)) r∈ q∈ , walk a b c A B
    where
    open Reading p x blank plus
    a₁ : move-first 0 0 ≡ left
    a₁ = moves-so left (move-first 0 0) (left& yes)
    yes₁ = right& {goes left (move-first 0 0)} yes
    b₁ : move-second 0 0 ≡ left
    b₁ = moves-so left (move-second 0 0) (left& yes₁)
    yes₂ = right& {goes left (move-second 0 0)} yes₁
    a₂ : move-first 0 1 ≡ left
    a₂ = moves-so left (move-first 0 1) (left& yes₂)
    yes₃ = right& {goes left (move-first 0 1)} yes₂
    b₂ : move-second 0 1 ≡ stay
    b₂ = moves-so stay (move-second 0 1) (left& yes₃)
    yes₄ = right& {goes stay (move-second 0 1)} yes₃
    a₃ : not (goes right (move-first 5 0)) ≡ true
    a₃ = left& yes₄
    b₃ : move-second 5 0 ≡ left
    b₃ = moves-so left (move-second 5 0) (right& {not (goes right (move-first 5 0))} yes₄)
    walk : ∀ a b c {i j} → Left-of x (map digit a ++ blank ∷ []) i → Left-of x (map digit b ++ plus ∷ digit u ∷ cs) j →
      Reads order i j (sum-reads a b c (r || q))
    walk (_ ∷ a) (_ ∷ b) c A B = reads (reads-left A) (reads-left B) a₁ b₁ (walk a b _ (next-left a A) (next-left b B))
    walk (_ ∷ a) [] c A B = reads (reads-left A) (reads-left B) a₂ b₂ (walk a [] _ (next-left a A) B)
    walk [] (_ ∷ b) c A B = reads (reads-left A) (reads-left B) refl b₃
      (walk [] b _ (at-edge (move-first 5 0) a₃ A) (next-left b B))
    walk [] [] c A B with digit c == 0
    walk [] [] c A B | true = reads (reads-left A) (reads-left B) refl refl []
    walk [] [] c A@(left-of _) B@(left-of _) | false =
      reads (reads-left A) (reads-left B) refl refl (reads first-reads second-reads refl refl [])

  difference-read : difference-moves ≡ true → ∀ a b {cs i j} → (length a < length b) ≡ false →
    Left-of x (map digit a ++ blank ∷ []) i → Left-of x (map digit b ++ minus ∷ cs) j →
    Reading.Reads p x blank minus order i j (difference-reads a b)
  difference-read yes = walk
    where
    open Reading p x blank minus
    a₁ : move-first 0 0 ≡ left
    a₁ = moves-so left (move-first 0 0) (left& yes)
    yes₁ = right& {goes left (move-first 0 0)} yes
    b₁ : move-second 0 0 ≡ left
    b₁ = moves-so left (move-second 0 0) (left& yes₁)
    yes₂ = right& {goes left (move-second 0 0)} yes₁
    a₂ : move-first 0 2 ≡ left
    a₂ = moves-so left (move-first 0 2) (left& yes₂)
    yes₃ = right& {goes left (move-first 0 2)} yes₂
    b₂ : move-second 0 2 ≡ stay
    b₂ = moves-so stay (move-second 0 2) yes₃
    walk : ∀ a b {cs i j} → (length a < length b) ≡ false → Left-of x (map digit a ++ blank ∷ []) i →
      Left-of x (map digit b ++ minus ∷ cs) j → Reads order i j (difference-reads a b)
    walk (_ ∷ a) (_ ∷ b) short A B =
      reads (reads-left A) (reads-left B) a₁ b₁
        (walk a b short (next-left a A) (next-left b B))
    walk (_ ∷ a) [] short A B =
      reads (reads-left A) (reads-left B) a₂ b₂ (walk a [] refl (next-left a A) B)
    walk [] [] short A B = reads (reads-left A) (reads-left B) refl refl []

  product-read : product-moves ≡ true → ∀ {w es d cs ds j} → Right-of x (blank ∷ digit w ∷ es) 0 →
    Left-of x (digit d ∷ times ∷ cs) j → Right-of x (digit d ∷ equals ∷ ds) j →
    ∀ a c {i} → Left-of x (map digit a ++ blank ∷ []) i →
    exists λ l → (l ∈ product-lasts d) and Reading.Reads p x blank times order i j (product-reads a d c l)
  product-read yes {d = d} {j = j} edge to-left to-right a c A with at-blank (move-first 5 0) edge
  ... | r , r∈ , first-reads =
    (r || product-last (move-second 5 0) d) , in-pairs (first-last (move-first 5 0)) _ r∈ here , walk a c A
    where
    open Reading p x blank times
    a₁ : move-first 0 0 ≡ left
    a₁ = moves-so left (move-first 0 0) (left& yes)
    b₁ : move-second 0 0 ≡ stay
    b₁ = moves-so stay (move-second 0 0) (right& {goes left (move-first 0 0)} yes)
    walk : ∀ a c {i} → Left-of x (map digit a ++ blank ∷ []) i →
      Reads order i j (product-reads a d c (r || product-last (move-second 5 0) d))
    walk (_ ∷ a) c A = reads (reads-left A) (reads-left to-left) a₁ b₁ (walk a _ (next-left a A))
    walk [] c A with digit c == 0
    walk [] c A | true = reads (reads-left A) (reads-left to-left) refl refl []
    walk [] c A@(left-of _) | false = reads (reads-left A) (reads-left to-left) refl refl
      (reads first-reads (at-digit (move-second 5 0) to-left to-right) refl refl [])

  quotient-read : quotient-moves ≡ true → ∀ a d {cs i j} → Right-of x (map digit a ++ over ∷ cs) i →
    character x j ≡ digit d → Reading.Reads p x over over order i j (quotient-reads a d)
  quotient-read yes = walk
    where
    open Reading p x over over
    a₁ : move-first 0 0 ≡ right
    a₁ = moves-so right (move-first 0 0) (left& yes)
    yes₁ = right& {goes right (move-first 0 0)} yes
    b₁ : move-second 0 0 ≡ stay
    b₁ = moves-so stay (move-second 0 0) yes₁
    walk : ∀ a d {cs i j} → Right-of x (map digit a ++ over ∷ cs) i → character x j ≡ digit d →
      Reads order i j (quotient-reads a d)
    walk (_ ∷ a) d A B = reads (reads-right A) B a₁ b₁ (walk a d (next-right a A) B)
    walk [] d A B = reads (reads-right A) B refl refl []
