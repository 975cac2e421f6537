//! The shape of a record: which fields it has, how each one merges, and who may read it.
//! One table per entity, written with [`entity!`], is the source of the serde types, of the JSON Schema,
//! of the CRDT mapping, of the questions asked and of redaction.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Key, Term};

/// Who may read a leaf: public lists, the team and mandated lawyers, or the keepers of the source register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Privacy {
    /// May appear in published lists.
    P,
    /// Restricted to the team and mandated lawyers.
    R,
    /// Secret source: stored only as ciphertext to the register recipient.
    S,
}

/// What a single value is; it decides how the value is asked for, checked and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    Line,
    Code,
    Term,
    Ref,
    When,
    Count,
    Answer,
    Age,
    Place,
    Provision,
    Money,
    Length,
    Number,
    Decimal,
    Flag,
    Hash,
    Entry,
    Secret,
}

/// How a field stands in the record and merges with what others wrote.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One value, merged as a whole; concurrent values stay side by side.
    One(Leaf),
    /// A long narrative, merged letter by letter.
    Text,
    /// A set of vocabulary terms; additions win.
    Set,
    /// One value for each term of a vocabulary, such as a checklist.
    Map(Leaf),
    /// Repeated entries under random keys.
    Many(&'static [Field]),
    /// Dated entries under random keys: retracted by a later entry, never changed.
    Log(&'static [Field]),
    /// Fields that belong together.
    Group(&'static [Field]),
}

/// One row of an entity's table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub class: Privacy,
    pub required: bool,
    /// The vocabulary of a term, set or map; the kinds a reference may point to; the entity of entries and groups.
    pub of: &'static str,
}

/// An entity that has a table of fields.
pub trait Shaped {
    /// Name of the entity in labels, e.g. `detention`.
    const NAME: &'static str;
    const FIELDS: &'static [Field];
}

/// A type that stands as one value.
pub trait Valued {
    const LEAF: Leaf;
}

impl Valued for u32 {
    const LEAF: Leaf = Leaf::Number;
}

impl Valued for bool {
    const LEAF: Leaf = Leaf::Flag;
}

/// Entries under random keys.
pub type Keyed<T> = BTreeMap<Key, T>;
/// A set of vocabulary terms.
pub type Terms = BTreeSet<Term>;
/// A value for each of some vocabulary terms.
pub type Checks<T> = BTreeMap<Term, T>;

/// Declares an entity as a table, one row per field: `cardinality name: Type, class, "vocabulary or kinds";`.
///
/// Cardinalities: `req` exactly one, `opt` none or one, `text` a narrative, `set` vocabulary terms, `map` a value for
/// each term, `many` entries under random keys, `log` the same but append-only, `group` fields that belong together.
macro_rules! entity {
    ($(#[$meta:meta])* $name:ident as $label:literal { $($rows:tt)* }) => {
        entity! { @rows [$(#[$meta])*] $name $label {} [] $($rows)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* req $x:ident: $t:ty, $c:ident $(, $of:literal)?; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])*] $x ($t) (One(<$t as $crate::model::shape::Valued>::LEAF)) $c true ($($of)?) {concat!($($of)?)} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* opt $x:ident: $t:ty, $c:ident $(, $of:literal)?; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "Option::is_none")]]
            $x (Option<$t>) (One(<$t as $crate::model::shape::Valued>::LEAF)) $c false ($($of)?) {concat!($($of)?)} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* text $x:ident, $c:ident; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "Option::is_none")]]
            $x (Option<$crate::model::value::Narrative>) (Text) $c false () {""} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* set $x:ident, $c:ident, $of:literal; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "std::collections::BTreeSet::is_empty")]]
            $x ($crate::model::shape::Terms) (Set) $c false ($of) {$of} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* map $x:ident: $t:ty, $c:ident, $of:literal; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]]
            $x ($crate::model::shape::Checks<$t>) (Map(<$t as $crate::model::shape::Valued>::LEAF)) $c false ($of) {$of} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* many $x:ident: $t:ty; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
            #[schemars(extend("maxProperties" = $crate::model::draft::MAX_ENTRIES))]]
            $x ($crate::model::shape::Keyed<$t>) (Many(<$t as $crate::model::shape::Shaped>::FIELDS)) P false () {<$t as $crate::model::shape::Shaped>::NAME} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* log $x:ident: $t:ty; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
            #[schemars(extend("maxProperties" = $crate::model::draft::MAX_ENTRIES))]]
            $x ($crate::model::shape::Keyed<$t>) (Log(<$t as $crate::model::shape::Shaped>::FIELDS)) P false () {<$t as $crate::model::shape::Shaped>::NAME} $($rest)* }
    };
    (@rows $m:tt $n:ident $l:literal $f:tt $s:tt $(#[$d:meta])* group $x:ident: $t:ty; $($rest:tt)*) => {
        entity! { @add $m $n $l $f $s [$(#[$d])* #[serde(default, skip_serializing_if = "Option::is_none")]]
            $x (Option<$t>) (Group(<$t as $crate::model::shape::Shaped>::FIELDS)) P false () {<$t as $crate::model::shape::Shaped>::NAME} $($rest)* }
    };
    (@add $m:tt $n:ident $l:literal {$($f:tt)*} [$($s:tt)*] [$($attr:tt)*] $x:ident ($t:ty) ($($shape:tt)*) $c:ident $req:literal ($($of:literal)?) {$inner:expr} $($rest:tt)*) => {
        entity! { @rows $m $n $l
            {$($f)* $($attr)* #[schemars(extend("x-privacy" = stringify!($c)))] $(#[schemars(extend("x-of" = $of))])? pub $x: $t,}
            [$($s)* $crate::model::shape::Field {
                name: stringify!($x),
                shape: $crate::model::shape::Shape::$($shape)*,
                class: $crate::model::shape::Privacy::$c,
                required: $req,
                of: $inner,
            },]
            $($rest)* }
    };
    (@rows [$($m:tt)*] $n:ident $l:literal {$($f:tt)*} [$($s:tt)*]) => {
        $($m)*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $n { $($f)* }

        impl $crate::model::shape::Shaped for $n {
            const NAME: &'static str = $l;
            const FIELDS: &'static [$crate::model::shape::Field] = &[$($s)*];
        }
    };
}
