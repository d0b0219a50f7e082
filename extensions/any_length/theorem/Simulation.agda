-- A table does what a rule says, for every list of symbols, if it does so in every case that can be reached.

module Simulation where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Nat
open import Statement using (at)
open import Basics

-- A rule lists, for what is kept, the symbols that may be read next: with each what is right to write, and what to
-- keep then.
record Case (Symbol Kept : Set) : Set where
  constructor case
  field
    symbol : Symbol
    right : Nat
    keep : Kept

module _ {Symbol Kept : Set} (rule : Kept → List (Case Symbol Kept)) where

  -- Follows k xs ws: having kept k, the rule allows the symbols xs, and says that ws is to be written.
  data Follows : Kept → List Symbol → List Nat → Set where
    end : ∀ {k} → Follows k [] []
    step : ∀ {k x w l xs ws} → case x w l ∈ rule k → Follows l xs ws → Follows k (x ∷ xs) (w ∷ ws)

-- output, next: the table. same: compares what is kept.
module Table {Symbol Kept : Set} (rule : Kept → List (Case Symbol Kept)) (output next : Nat → Symbol → Nat)
             (same : Kept → Kept → Bool) (sound : ∀ k l → same k l ≡ true → k ≡ l) where

  -- What the table writes.
  run : Nat → List Symbol → List Nat
  run state [] = []
  run state (x ∷ xs) = output state x ∷ run (next state x) xs

  -- reached: for each state a list of all that may be kept when the table is in it. The check: k may be kept in state
  -- 0, and in each case of each state the output is right, and what to keep then is listed with the next state.
  module _ (reached : List (List Kept)) where

    listed : Nat → Kept → Bool
    listed state k = any (same k) (at [] reached state)

    good : Nat → Case Symbol Kept → Bool
    good state (case x w l) = (output state x == w) & listed (next state x) l

    check-from : Nat → List (List Kept) → Bool
    check-from state [] = true
    check-from state (ks ∷ rows) = all (λ k → all (good state) (rule k)) ks & check-from (suc state) rows

    check : Kept → Bool
    check k = listed 0 k & check-from 0 reached

    -- If the check says yes, the table writes what the rule says, however many symbols there are.
    simulation : ∀ k → check k ≡ true → ∀ {xs ws} → Follows rule k xs ws → run 0 xs ≡ ws

    -- ---- The proof

    every : ∀ first rows → check-from first rows ≡ true → ∀ n {k c} →
      any (same k) (at [] rows n) ≡ true → c ∈ rule k → good (n + first) c ≡ true
    every first (ks ∷ rows) yes zero among c∈ with found sound ks among
    ... | k∈ = of-all (good first) (of-all (λ k → all (good first) (rule k)) (left& yes) k∈) c∈
    every first (ks ∷ rows) yes (suc n) {k} {c} among c∈ =
      cong (λ s → good s c) (sym (+-suc n first)) ∙ every (suc first) rows (right& yes) n among c∈
    every first [] yes zero ()
    every first [] yes (suc n) ()

    from : check-from 0 reached ≡ true → ∀ state {k xs ws} → listed state k ≡ true → Follows rule k xs ws →
      run state xs ≡ ws
    from yes state among end = refl
    from yes state {k} among (step {k} {x} {w} {l} in-rule rest) =
      cong₂ _∷_ (equal (left& right-one)) (from yes (next state x) (right& right-one) rest)
      where
      right-one : good state (case x w l) ≡ true
      right-one = cong (λ s → good s (case x w l)) (sym (+-zero state)) ∙
        every 0 reached yes state among in-rule

    simulation k yes = from (right& yes) 0 (left& yes)
