use super::*;
use proptest::prelude::*;

fn category(name: &str) -> CategoryName {
    CategoryName::new(name).unwrap()
}

const ALL: [Mask; 7] =
    [Mask::Email, Mask::Phone, Mask::Name, Mask::Place, Mask::Year, Mask::Card, Mask::Hidden];

#[test]
#[expect(clippy::disallowed_methods, reason = "tests look at the values they made up")]
fn a_masked_view_shows_what_a_person_needs_to_recognise_the_value() {
    for (name, value, masked) in [
        ("contact.email", "jane.doe@example.com", "j•••@e•••.com"),
        ("contact.email.work", "j@e.com", "j•••@e•••.com"),
        ("contact.email", "jane@localhost", "j•••@l•••"),
        ("contact.phone", "+44 20 7946 0042", "••••••42"),
        ("contact.address.street", "12 Long Lane", "••••••"),
        ("contact.address.city", "Köln", "Köln"),
        ("contact.address", "12 Long Lane, Köln", "••••••"),
        ("identity.name", "Ada King Lovelace", "A. K. L."),
        ("identity.first-name", "Zoë", "Z."),
        ("demographic.birth-date", "1984-02-29", "1984"),
        ("demographic.birth-date", "29/02/1984", "1984"),
        ("financial.card", "4242 4242-4242 4242", "•••• 4242"),
        ("health", "hay fever", "••••••"),
        ("shop.shoe-size", "43", "••••••"),
    ] {
        let shown = mask(&category(name), &Personal::new(value.to_owned()));
        assert_eq!(shown.expose(), masked, "{name}");
    }
}

#[test]
fn what_is_not_of_its_kind_is_hidden_whole() {
    for (mask, value) in [
        (Mask::Email, "call me"),
        (Mask::Email, "a@b@example.com"),
        (Mask::Email, "@example.com"),
        (Mask::Phone, "123456"),
        (Mask::Phone, "ask for Ada, 020 7946 0042"),
        (Mask::Card, "1234"),
        (Mask::Card, "42424242424242424242"),
        (Mask::Year, "the spring of 1984"),
        (Mask::Year, "19840229"),
        (Mask::Year, "1984-1985"),
        (Mask::Name, "007 42"),
        (Mask::Name, ""),
    ] {
        assert_eq!(mask.apply(value), HIDDEN, "{mask:?} of {value}");
    }
}

#[test]
fn a_category_is_not_taken_for_another_that_begins_alike() {
    assert_eq!(Mask::of(&category("identity.name-day")), Mask::Hidden);
    assert_eq!(Mask::of(&category("contact")), Mask::Hidden);
    assert_eq!(Mask::of(&category("contact.email.work")), Mask::Email);
}

#[test]
fn a_mask_does_not_tell_how_long_the_value_is() {
    assert_eq!(Mask::Email.apply("jo@ex.com"), Mask::Email.apply("johanna.long@example-company.com"));
    assert_eq!(Mask::Name.apply("Al B"), Mask::Name.apply("Alexandra Bartholomew"));
    assert_eq!(Mask::Phone.apply("1234542"), Mask::Phone.apply("+44 1234 567 890 42"));
    assert_eq!(Mask::Hidden.apply(""), Mask::Hidden.apply("a long story"));
}

/// The most characters of the value that a mask may show, and the marks it adds itself.
fn allowance(mask: Mask) -> (usize, &'static str) {
    match mask {
        Mask::Email => (8, "•@."),
        Mask::Phone => (2, "•"),
        Mask::Name => (INITIALS_MAX, "•. "),
        Mask::Place => (usize::MAX, "•"),
        Mask::Year => (4, "•"),
        Mask::Card => (4, "• "),
        Mask::Hidden => (0, "•"),
    }
}

fn is_within_allowance(mask: Mask, value: &str) -> bool {
    let (characters_max, marks) = allowance(mask);
    let masked = mask.apply(value);
    let shown: Vec<char> = masked.chars().filter(|c| !marks.contains(*c)).collect();
    let mut left = value.chars();
    shown.len() <= characters_max && shown.iter().all(|c| left.any(|of_value| of_value == *c))
}

proptest! {
    #[test]
    fn a_mask_never_shows_more_of_any_text_than_it_says(value in any::<String>()) {
        for mask in ALL {
            prop_assert!(is_within_allowance(mask, &value), "{:?}", mask);
        }
    }

    #[test]
    fn nor_of_texts_of_the_right_kind(
        email in "[a-zé.+]{1,20}@[a-z0-9.-]{1,20}\\.[a-z]{1,12}",
        number in "\\+?[0-9 ().-]{0,30}",
        name in "\\PC{1,12}( \\PC{1,12}){0,6}",
        date in "[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}(T[0-9]{2}:[0-9]{2}Z)?",
    ) {
        for value in [email, number, name, date] {
            for mask in ALL {
                prop_assert!(is_within_allowance(mask, &value), "{:?}", mask);
            }
        }
    }
}
