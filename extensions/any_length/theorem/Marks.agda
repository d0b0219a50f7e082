-- The calculator: doing marked steps keeps an expression's value, as long as there is a step to do one is marked, and
-- so the loop ends with the value. Expressions are lists of numbers, signs and brackets, of any length and depth.

-- Numbers are anything, and sums, differences and products too: no law of arithmetic is needed, for a marked step is
-- one that evaluation does anyway. They may be whole numbers, or have a fixed number of digits, as in ten's complement.
module Marks (Number : Set) (add subtract multiply : Number → Number → Number) where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Agda.Builtin.Maybe
open import Agda.Builtin.Nat using (Nat; zero; suc)
open import Agda.Builtin.Sigma
open import Statement using (_and_; exists; length)
open import Basics

data Sign : Set where
  plus minus times : Sign

work : Sign → Number → Number → Number
work plus = add
work minus = subtract
work times = multiply

data Token : Set where
  number : Number → Token
  sign : Sign → Token
  opening closing : Token

-- ---- What an expression is worth ------------------------------------------------------------------------------------

-- * before + and -, else from the left to the right. There is nothing else to know about it.
data Sum : Set
data Product : Set
data Factor : Set
data Sum where
  only : Product → Sum
  _+ₑ_ _-ₑ_ : Sum → Product → Sum
data Product where
  only : Factor → Product
  _*ₑ_ : Product → Factor → Product
data Factor where
  number : Number → Factor
  bracket : Sum → Factor

worth-sum : Sum → Number
worth-product : Product → Number
worth-factor : Factor → Number
worth-sum (only t) = worth-product t
worth-sum (e +ₑ t) = work plus (worth-sum e) (worth-product t)
worth-sum (e -ₑ t) = work minus (worth-sum e) (worth-product t)
worth-product (only f) = worth-factor f
worth-product (t *ₑ f) = work times (worth-product t) (worth-factor f)
worth-factor (number n) = n
worth-factor (bracket e) = worth-sum e

-- The expression as we write it, in front of other tokens.
write-sum : Sum → List Token → List Token
write-product : Product → List Token → List Token
write-factor : Factor → List Token → List Token
write-sum (only t) ts = write-product t ts
write-sum (e +ₑ t) ts = write-sum e (sign plus ∷ write-product t ts)
write-sum (e -ₑ t) ts = write-sum e (sign minus ∷ write-product t ts)
write-product (only f) ts = write-factor f ts
write-product (t *ₑ f) ts = write-product t (sign times ∷ write-factor f ts)
write-factor (number n) ts = number n ∷ ts
write-factor (bracket e) ts = opening ∷ write-sum e (closing ∷ ts)

-- ---- The marks, as in marks.py, and the loop, as in calculator.py ---------------------------------------------------

-- before: the token to the left of the sign's left number, if any; behind: the one to the right of its right number.
marked : Sign → (before behind : Maybe Token) → Bool
may-begin may-end : Sign → Maybe Token → Bool
marked s before behind = may-begin s before & may-end s behind
may-begin s nothing = true
may-begin s (just opening) = true
may-begin times (just (sign plus)) = true
may-begin times (just (sign minus)) = true
may-begin s _ = false
may-end s nothing = true
may-end s (just closing) = true
may-end s (just (sign plus)) = true
may-end s (just (sign minus)) = true
may-end times (just (sign times)) = true
may-end s _ = false

next : List Token → Maybe Token
next [] = nothing
next (t ∷ ts) = just t

-- All marked steps are done, and brackets around a single number dropped. before: the token to the left, if any.
round : Maybe Token → List Token → List Token
round before [] = []
round before (opening ∷ number a ∷ closing ∷ ts) = number a ∷ round (just closing) ts
round before (number a ∷ sign s ∷ number b ∷ ts) =
  choose (marked s before (next ts))
    (number (work s a b) ∷ round (just (number b)) ts)
    (number a ∷ sign s ∷ round (just (sign s)) (number b ∷ ts))
round before (t ∷ ts) = t ∷ round (just t) ts

rounds : Nat → List Token → List Token
rounds zero ts = ts
rounds (suc n) ts = rounds n (round nothing ts)

-- ---- The theorem: the rounds, as many as there are tokens, leave the value alone ------------------------------------

calculates : ∀ e → rounds (length (write-sum e [])) (write-sum e []) ≡ number (worth-sum e) ∷ []

-- Of two signs with a number between them, at most one is marked: so all marked steps can be done at once.
disjoint : ∀ s s′ before behind → marked s before (just (sign s′)) ≡ true → marked s′ (just (sign s)) behind ≡ false

-- ---- Evaluation, token by token -------------------------------------------------------------------------------------

-- What is known of a sum before a product, and of a product before a factor: a number and a sign, or nothing.
data Pending : Set where
  none : Pending
  _then_ : Number → Sign → Pending

finish : Pending → Number → Number
finish none n = n
finish (m then s) n = work s m n

-- A number is waited for, or the last factor of a product is known. Behind it, what waits around each open bracket.
data State : Set where
  wait : (sum product : Pending) → List (Pending and Pending) → State
  have : (sum : Pending) → Number → List (Pending and Pending) → State
  wrong : State

step : State → Token → State
step (wait e t around) (number n) = have e (finish t n) around
step (wait e t around) opening = wait none none ((e , t) ∷ around)
step (have e n around) (sign times) = wait e (n then times) around
step (have e n around) (sign plus) = wait (finish e n then plus) none around
step (have e n around) (sign minus) = wait (finish e n then minus) none around
step (have e n ((e′ , t′) ∷ around)) closing = have e′ (finish t′ (finish e n)) around
step _ _ = wrong

result : State → Maybe Number
result (have e n []) = just (finish e n)
result _ = nothing

run : State → List Token → Maybe Number
run q [] = result q
run q (t ∷ ts) = run (step q t) ts

begin : State
begin = wait none none []

-- Evaluation gives an expression's worth.
run-sum : ∀ e around → exists λ f → exists λ n → (finish f n ≡ worth-sum e) and
  (∀ ts → run (wait none none around) (write-sum e ts) ≡ run (have f n around) ts)
run-product : ∀ t e around ts → run (wait e none around) (write-product t ts) ≡ run (have e (worth-product t) around) ts
run-factor : ∀ f e t around ts →
  run (wait e t around) (write-factor f ts) ≡ run (have e (finish t (worth-factor f)) around) ts
run-sum (only t) around = none , worth-product t , refl , run-product t none around
run-sum (e +ₑ t) around with run-sum e around
... | f , n , eq , known = (worth-sum e then plus) , worth-product t , refl ,
  λ ts → known (sign plus ∷ write-product t ts)
  ∙ cong (λ m → run (wait (m then plus) none around) (write-product t ts)) eq ∙ run-product t _ around ts
run-sum (e -ₑ t) around with run-sum e around
... | f , n , eq , known = (worth-sum e then minus) , worth-product t , refl ,
  λ ts → known (sign minus ∷ write-product t ts)
  ∙ cong (λ m → run (wait (m then minus) none around) (write-product t ts)) eq ∙ run-product t _ around ts
run-product (only f) e around ts = run-factor f e none around ts
run-product (t *ₑ f) e around ts = run-product t e around (sign times ∷ write-factor f ts)
  ∙ run-factor f e (worth-product t then times) around ts
run-factor (number n) e t around ts = refl
run-factor (bracket s) e t around ts with run-sum s ((e , t) ∷ around)
... | f , n , eq , known = known (closing ∷ ts) ∙ cong (λ m → run (have e (finish t m) around) ts) eq

-- ---- A round keeps the value ----------------------------------------------------------------------------------------

-- What a round does first.
data First (before : Maybe Token) (t : Token) (ts : List Token) : Set where
  copied : round before (t ∷ ts) ≡ t ∷ round (just t) ts → First before t ts
  worked : ∀ {a s b us} → t ≡ number a → ts ≡ sign s ∷ number b ∷ us → marked s before (next us) ≡ true →
    round before (t ∷ ts) ≡ number (work s a b) ∷ round (just (number b)) us → First before t ts
  dropped : ∀ {a us} → t ≡ opening → ts ≡ number a ∷ closing ∷ us →
    round before (t ∷ ts) ≡ number a ∷ round (just closing) us → First before t ts

first-of : ∀ before t ts → First before t ts
first-of before (number a) (sign s ∷ number b ∷ ts) with marked s before (next ts) in eq
... | true = worked refl refl eq (cong (λ yes → choose yes _ _) eq)
... | false = copied (cong (λ yes → choose yes _ _) eq)
first-of before (number a) [] = copied refl
first-of before (number a) (number _ ∷ ts) = copied refl
first-of before (number a) (opening ∷ ts) = copied refl
first-of before (number a) (closing ∷ ts) = copied refl
first-of before (number a) (sign s ∷ []) = copied refl
first-of before (number a) (sign s ∷ sign _ ∷ ts) = copied refl
first-of before (number a) (sign s ∷ opening ∷ ts) = copied refl
first-of before (number a) (sign s ∷ closing ∷ ts) = copied refl
first-of before opening (number a ∷ closing ∷ ts) = dropped refl refl refl
first-of before opening [] = copied refl
first-of before opening (sign _ ∷ ts) = copied refl
first-of before opening (opening ∷ ts) = copied refl
first-of before opening (closing ∷ ts) = copied refl
first-of before opening (number a ∷ []) = copied refl
first-of before opening (number a ∷ number _ ∷ ts) = copied refl
first-of before opening (number a ∷ sign _ ∷ ts) = copied refl
first-of before opening (number a ∷ opening ∷ ts) = copied refl
first-of before (sign s) ts = copied refl
first-of before closing ts = copied refl

-- What the token to the left says of the evaluation: whether something is pending.
data Anything : Set where
  anything : Anything

Knows : Maybe Token → State → Set
Knows nothing (wait e t around) = (e ≡ none) and (t ≡ none)
Knows (just opening) (wait e t around) = (e ≡ none) and (t ≡ none)
Knows (just (sign plus)) (wait e t around) = t ≡ none
Knows (just (sign minus)) (wait e t around) = t ≡ none
Knows _ _ = Anything

knows-more : ∀ q t → Knows (just t) (step q t)
knows-more (wait e t around) (number n) = anything
knows-more (wait e t around) (sign plus) = anything
knows-more (wait e t around) (sign minus) = anything
knows-more (wait e t around) (sign times) = anything
knows-more (wait e t around) opening = refl , refl
knows-more (wait e t around) closing = anything
knows-more (have e n around) (number _) = anything
knows-more (have e n around) (sign plus) = refl
knows-more (have e n around) (sign minus) = refl
knows-more (have e n around) (sign times) = anything
knows-more (have e n around) opening = anything
knows-more (have e n []) closing = anything
knows-more (have e n (_ ∷ around)) closing = anything
knows-more wrong (number _) = anything
knows-more wrong (sign plus) = anything
knows-more wrong (sign minus) = anything
knows-more wrong (sign times) = anything
knows-more wrong opening = anything
knows-more wrong closing = anything

-- A sum with nothing before it may be worked out where no "*" follows.
worked-out : ∀ s (n : Number) m around us → may-end s (next us) ≡ true → (s ≡ times → ⊥) →
  run (have (m then s) n around) us ≡ run (have none (work s m n) around) us
worked-out s n m [] [] yes other = refl
worked-out s n m (_ ∷ around) [] yes other = refl
worked-out s n m [] (closing ∷ us) yes other = refl
worked-out s n m (_ ∷ around) (closing ∷ us) yes other = refl
worked-out s n m around (sign plus ∷ us) yes other = refl
worked-out s n m around (sign minus ∷ us) yes other = refl
worked-out times n m around (sign times ∷ us) yes other = never (other refl)

keeps-work : ∀ before s a b us q → Knows before q → marked s before (next us) ≡ true →
  run (step (step (step q (number a)) (sign s)) (number b)) us ≡ run (step q (number (work s a b))) us
keeps-work before s a b us (have e n around) known yes = refl
keeps-work before s a b us wrong known yes = refl
keeps-work nothing times a b us (wait e t around) (_ , refl) yes = refl
keeps-work (just opening) times a b us (wait e t around) (_ , refl) yes = refl
keeps-work (just (sign plus)) times a b us (wait e t around) refl yes = refl
keeps-work (just (sign minus)) times a b us (wait e t around) refl yes = refl
keeps-work nothing plus a b us (wait e t around) (refl , refl) yes = worked-out plus b a around us yes λ ()
keeps-work (just opening) plus a b us (wait e t around) (refl , refl) yes = worked-out plus b a around us yes λ ()
keeps-work nothing minus a b us (wait e t around) (refl , refl) yes = worked-out minus b a around us yes λ ()
keeps-work (just opening) minus a b us (wait e t around) (refl , refl) yes = worked-out minus b a around us yes λ ()

keeps-drop : ∀ a us q → run (step (step (step q opening) (number a)) closing) us ≡ run (step q (number a)) us
keeps-drop a us (wait e t around) = refl
keeps-drop a us (have e n around) = refl
keeps-drop a us wrong = refl

keeps : ∀ before ts q → Knows before q → run q ts ≡ run q (round before ts)
keeps before [] q known = refl
keeps before (t ∷ ts) q known with first-of before t ts
... | copied eq = keeps (just t) ts (step q t) (knows-more q t) ∙ cong (run q) (sym eq)
... | worked {a} {s} {b} {us} refl refl yes eq = keeps-work before s a b us q known yes
  ∙ keeps (just (number b)) us (step q (number (work s a b))) anything ∙ cong (run q) (sym eq)
... | dropped {a} {us} refl refl eq = keeps-drop a us q
  ∙ keeps (just closing) us (step q (number a)) anything ∙ cong (run q) (sym eq)

-- ---- Where there is a step to do, one is marked, and so a round leaves fewer tokens ---------------------------------

-- Something is marked: a step, or brackets around a single number, here or further on.
data Marked : Maybe Token → List Token → Set where
  a-step : ∀ {before a s b us} → marked s before (next us) ≡ true → Marked before (number a ∷ sign s ∷ number b ∷ us)
  a-bracket : ∀ {before a us} → Marked before (opening ∷ number a ∷ closing ∷ us)
  later : ∀ {before t ts} → Marked (just t) ts → Marked before (t ∷ ts)

data _or_ (A B : Set) : Set where
  this : A → A or B
  that : B → A or B

Answer : State → List Token → Set
Answer q ts = exists λ v → run q ts ≡ just v

no-answer : ∀ ts {v} → run wrong ts ≡ just v → ⊥
no-answer (t ∷ ts) eq = no-answer ts eq

-- Behind an opening bracket there is a mark, or a single number and the closing one; and behind a number and a sign.
inside : ∀ ts x around → Answer (wait none none (x ∷ around)) ts →
  Marked (just opening) ts or (exists λ a → exists λ us → ts ≡ number a ∷ closing ∷ us)
opened : ∀ before ts x around → Answer (wait none none (x ∷ around)) ts → Marked before (opening ∷ ts)
chain : ∀ before a s ts around → (∀ s → may-begin s before ≡ true) → Answer (step (have none a around) (sign s)) ts →
  Marked before (number a ∷ sign s ∷ ts)

inside (number a ∷ closing ∷ us) x around answer = that (a , us , refl)
inside (number a ∷ sign s ∷ us) x around answer = this (chain (just opening) a s us (x ∷ around) (λ s → refl) answer)
inside (number a ∷ number _ ∷ us) x around (v , eq) = never (no-answer us eq)
inside (number a ∷ opening ∷ us) x around (v , eq) = never (no-answer us eq)
inside (opening ∷ us) x around answer = this (opened (just opening) us _ _ answer)
inside (sign _ ∷ us) x around (v , eq) = never (no-answer us eq)
inside (closing ∷ us) x around (v , eq) = never (no-answer us eq)

opened before ts x around answer with inside ts x around answer
... | this mark = later mark
... | that (a , us , refl) = a-bracket

-- A product behind a sum: what stands behind it may be anything that can stand there.
after-product : ∀ e b c us around → Answer (have e b around) (sign times ∷ number c ∷ us) →
  may-end times (next us) ≡ true
after-product e b c [] around answer = refl
after-product e b c (closing ∷ us) around answer = refl
after-product e b c (sign plus ∷ us) around answer = refl
after-product e b c (sign minus ∷ us) around answer = refl
after-product e b c (sign times ∷ us) around answer = refl
after-product e b c (number _ ∷ us) around (v , eq) = never (no-answer us eq)
after-product e b c (opening ∷ us) around (v , eq) = never (no-answer us eq)

-- A number behind "+" or "-" at the begin: the step is marked, or a product follows, in which something is.
after-sum : ∀ before a s m b us around → (∀ s → may-begin s before ≡ true) →
  may-begin times (just (sign s)) ≡ true → Answer (have (m then s) b around) us →
  Marked before (number a ∷ sign s ∷ number b ∷ us)
after-sum before a s m b [] around fresh mul answer = a-step (both (fresh s) refl)
after-sum before a s m b (closing ∷ us) around fresh mul answer = a-step (both (fresh s) refl)
after-sum before a s m b (sign plus ∷ us) around fresh mul answer = a-step (both (fresh s) refl)
after-sum before a s m b (sign minus ∷ us) around fresh mul answer = a-step (both (fresh s) refl)
after-sum before a s m b (number _ ∷ us) around fresh mul (v , eq) = never (no-answer us eq)
after-sum before a s m b (opening ∷ us) around fresh mul (v , eq) = never (no-answer us eq)
after-sum before a s m b (sign times ∷ number c ∷ us) around fresh mul answer =
  later (later (a-step (both mul (after-product (m then s) b c us around answer))))
after-sum before a s m b (sign times ∷ opening ∷ us) around fresh mul answer =
  later (later (later (later (opened (just (sign times)) us _ _ answer))))
after-sum before a s m b (sign times ∷ sign _ ∷ us) around fresh mul (v , eq) = never (no-answer us eq)
after-sum before a s m b (sign times ∷ closing ∷ us) around fresh mul (v , eq) = never (no-answer us eq)

chain before a plus (number b ∷ us) around fresh answer = after-sum before a plus a b us around fresh refl answer
chain before a minus (number b ∷ us) around fresh answer = after-sum before a minus a b us around fresh refl answer
chain before a times (number b ∷ us) around fresh answer =
  a-step (both (fresh times) (after-product none a b us around answer))
chain before a plus (opening ∷ us) around fresh answer = later (later (opened (just (sign plus)) us _ _ answer))
chain before a minus (opening ∷ us) around fresh answer = later (later (opened (just (sign minus)) us _ _ answer))
chain before a times (opening ∷ us) around fresh answer = later (later (opened (just (sign times)) us _ _ answer))
chain before a plus [] around fresh (v , ())
chain before a minus [] around fresh (v , ())
chain before a times [] around fresh (v , ())
chain before a plus (sign _ ∷ us) around fresh (v , eq) = never (no-answer us eq)
chain before a minus (sign _ ∷ us) around fresh (v , eq) = never (no-answer us eq)
chain before a times (sign _ ∷ us) around fresh (v , eq) = never (no-answer us eq)
chain before a plus (closing ∷ us) around fresh (v , eq) = never (no-answer us eq)
chain before a minus (closing ∷ us) around fresh (v , eq) = never (no-answer us eq)
chain before a times (closing ∷ us) around fresh (v , eq) = never (no-answer us eq)

progress : ∀ ts → Answer begin ts → (exists λ v → ts ≡ number v ∷ []) or Marked nothing ts
progress (number a ∷ []) answer = this (a , refl)
progress (number a ∷ sign s ∷ us) answer = that (chain nothing a s us [] (λ s → refl) answer)
progress (opening ∷ us) answer = that (opened nothing us _ _ answer)
progress (number a ∷ number _ ∷ us) (v , eq) = never (no-answer us eq)
progress (number a ∷ opening ∷ us) (v , eq) = never (no-answer us eq)
progress (number a ∷ closing ∷ us) (v , eq) = never (no-answer us eq)
progress (sign _ ∷ us) (v , eq) = never (no-answer us eq)
progress (closing ∷ us) (v , eq) = never (no-answer us eq)

data _≤_ : Nat → Nat → Set where
  none : ∀ {n} → 0 ≤ n
  more : ∀ {m n} → m ≤ n → suc m ≤ suc n

same-or-less : ∀ n → n ≤ n
same-or-less zero = none
same-or-less (suc n) = more (same-or-less n)

one-less : ∀ {m n} → m ≤ n → m ≤ suc n
one-less none = none
one-less (more less) = more (one-less less)

chained : ∀ {k m n} → k ≤ m → m ≤ n → k ≤ n
chained none less = none
chained (more less) (more less′) = more (chained less less′)

short : ∀ {ts us : List Token} {n} → ts ≡ us → length us ≤ n → length ts ≤ n
short refl less = less

no-longer : ∀ before ts → length (round before ts) ≤ length ts
no-longer before [] = none
no-longer before (t ∷ ts) with first-of before t ts
... | copied eq = short eq (more (no-longer (just t) ts))
... | worked {b = b} {us} refl refl yes eq = short eq (more (one-less (one-less (no-longer (just (number b)) us))))
... | dropped {us = us} refl refl eq = short eq (more (one-less (one-less (no-longer (just closing) us))))

shorter : ∀ before ts → Marked before ts → suc (length (round before ts)) ≤ length ts
shorter before (number a ∷ sign s ∷ number b ∷ us) (a-step yes) with marked s before (next us)
... | true = more (more (one-less (no-longer (just (number b)) us)))
shorter before (opening ∷ number a ∷ closing ∷ us) a-bracket = more (more (one-less (no-longer (just closing) us)))
shorter before (t ∷ ts) (later mark) with first-of before t ts
... | copied eq = more (short eq (shorter (just t) ts mark))
... | worked {b = b} {us} refl refl yes eq = more (short eq (more (one-less (no-longer (just (number b)) us))))
... | dropped {us = us} refl refl eq = more (short eq (more (one-less (no-longer (just closing) us))))

-- ---- The loop -------------------------------------------------------------------------------------------------------

stays : ∀ n v → rounds n (number v ∷ []) ≡ number v ∷ []
stays zero v = refl
stays (suc n) v = stays n v

same-number : {m n : Number} → just m ≡ just n → m ≡ n
same-number refl = refl

loop : ∀ n ts v → length ts ≤ n → run begin ts ≡ just v → rounds n ts ≡ number v ∷ []
loop n ts v enough eq with progress ts (v , eq)
... | this (w , refl) = stays n w ∙ cong (λ n → number n ∷ []) (same-number eq)
loop zero [] v none () | that mark
loop (suc n) ts v enough eq | that mark =
  loop n (round nothing ts) v (one-off (chained (shorter nothing ts mark) enough))
    (sym (keeps nothing ts begin (refl , refl)) ∙ eq)
  where
  one-off : ∀ {m n} → suc m ≤ suc n → m ≤ n
  one-off (more less) = less

calculates e with run-sum e []
... | f , n , worth , known =
  loop (length (write-sum e [])) (write-sum e []) (worth-sum e) (same-or-less _) (known [] ∙ cong just worth)

disjoint times plus before behind yes = refl
disjoint times minus before behind yes = refl
disjoint times times before behind yes = refl
disjoint plus plus before behind yes = refl
disjoint plus minus before behind yes = refl
disjoint plus times before behind yes = never (impossible (right& {may-begin plus before} yes))
  where
  impossible : false ≡ true → ⊥
  impossible ()
disjoint minus plus before behind yes = refl
disjoint minus minus before behind yes = refl
disjoint minus times before behind yes = never (impossible (right& {may-begin minus before} yes))
  where
  impossible : false ≡ true → ⊥
  impossible ()
