//! The demo's customers: made up from short lists, the same for the same seed, at reserved
//! domains (RFC 2606), so that no message could ever reach anybody.

use super::dice::Dice;

/// Where customers live: region, language, cities and names.
pub(super) struct Place {
    pub(super) region: &'static str,
    pub(super) country: &'static str,
    pub(super) language: &'static str,
    state: &'static str,
    dial: &'static str,
    cities: [(&'static str, &'static str); 3],
    street: &'static str,
    first: [&'static str; 8],
    last: [&'static str; 8],
    /// How many of a hundred customers live there.
    share: u64,
    /// How many of a hundred say yes to an optional purpose when they are asked.
    pub(super) yes: u64,
}

pub(super) const PLACES: [Place; 7] = [
    Place {
        region: "GB",
        country: "United Kingdom",
        language: "en",
        state: "",
        dial: "+44 20 7946 0",
        cities: [("London", "E1 6EA"), ("Leeds", "LS1 4AP"), ("Bath", "BA1 1LZ")],
        street: "Mill Lane",
        first: ["Olive", "Rowan", "Iris", "Felix", "Nora", "Hugh", "Edith", "Amir"],
        last: ["Hartley", "Moss", "Okafor", "Whitby", "Lindon", "Farrow", "Chand", "Quill"],
        share: 34,
        yes: 46,
    },
    Place {
        region: "FR",
        country: "France",
        language: "fr",
        state: "",
        dial: "+33 1 99 00 1",
        cities: [("Lyon", "69002"), ("Paris", "75011"), ("Nantes", "44000")],
        street: "rue des Lilas",
        first: ["Zoé", "Lucien", "Maëlle", "Théo", "Inès", "Gaël", "Aïcha", "Noël"],
        last: ["Charpentier", "Lefèvre", "Diallo", "Rousseau", "Garnier", "Bouvet", "Morel", "Héron"],
        share: 24,
        yes: 39,
    },
    Place {
        region: "DE",
        country: "Germany",
        language: "en",
        state: "",
        dial: "+49 30 23125 ",
        cities: [("Köln", "50667"), ("Leipzig", "04109"), ("Bremen", "28195")],
        street: "Lindenstraße",
        first: ["Jörg", "Änne", "Malte", "Frieda", "Kemal", "Ute", "Bjarne", "Lotte"],
        last: ["Weißgerber", "Vogel", "Yıldız", "Krüger", "Lindner", "Böhm", "Sander", "Fuchs"],
        share: 12,
        yes: 31,
    },
    Place {
        region: "IE",
        country: "Ireland",
        language: "en",
        state: "",
        dial: "+353 20 91 0",
        cities: [("Dublin", "D02 X285"), ("Cork", "T12 W8KP"), ("Galway", "H91 E2K3")],
        street: "Quay Street",
        first: ["Saoirse", "Cillian", "Niamh", "Oisín", "Áine", "Darragh", "Róisín", "Eoin"],
        last: ["Ó Briain", "Kavanagh", "Ní Dhuibhne", "Tierney", "Nolan", "Breen", "Walsh", "Daly"],
        share: 9,
        yes: 48,
    },
    Place {
        region: "BE",
        country: "Belgium",
        language: "fr",
        state: "",
        dial: "+32 4 60 00 1",
        cities: [("Liège", "4000"), ("Namur", "5000"), ("Mons", "7000")],
        street: "rue du Pont",
        first: ["Élise", "Baptiste", "Manon", "Cédric", "Fatou", "Loïc", "Anaïs", "Rémy"],
        last: ["Dubois", "Lambert", "Mertens", "Simon", "Claes", "Leroy", "Dumont", "Toussaint"],
        share: 6,
        yes: 42,
    },
    Place {
        region: "US-CA",
        country: "USA",
        language: "en",
        state: "CA",
        dial: "+1 510 555 01",
        cities: [("Oakland", "94607"), ("San Diego", "92101"), ("Fresno", "93721")],
        street: "Orchard Avenue",
        first: ["Marisol", "Dwight", "Kiyoko", "Andre", "Paloma", "Wes", "Thuy", "June"],
        last: ["Alvarado", "Tran", "Whitaker", "Nakamura", "Reyes", "Boone", "Ellison", "Park"],
        share: 11,
        yes: 55,
    },
    Place {
        region: "CA",
        country: "Canada",
        language: "en",
        state: "ON",
        dial: "+1 416 555 01",
        cities: [("Ottawa", "K1P 1J1"), ("Toronto", "M5V 2T6"), ("Kingston", "K7L 1A5")],
        street: "Maple Road",
        first: ["Hazel", "Graham", "Noemie", "Dev", "Clara", "Owen", "Tessa", "Malik"],
        last: ["Fraser", "Singh", "Beaulieu", "Chow", "Murray", "Lavoie", "Stone", "Osei"],
        share: 4,
        yes: 50,
    },
];

/// One made-up customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) number: u32,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) email: String,
    pub(crate) place: usize,
    phone: String,
    street: String,
    city: (&'static str, &'static str),
}

impl Customer {
    /// The customer of this number. The first of each place has its first names, so that the
    /// demo can name them.
    pub(super) fn new(number: u32, dice: &mut Dice) -> Self {
        let named = usize::try_from(number).unwrap_or(usize::MAX);
        let (place, pick) = match number {
            1..=7 => (named - 1, None),
            _ => (choose(dice), Some((dice.below(8), dice.below(8)))),
        };
        let of = PLACES.get(place).unwrap_or(&PLACES[0]);
        let (first, last) = pick.unwrap_or((0, 0));
        let name = |list: &[&'static str; 8], at: u64| {
            usize::try_from(at).ok().and_then(|at| list.get(at).copied()).unwrap_or_default()
        };
        let (first, last) = (name(&of.first, first), name(&of.last, last));
        let city = usize::try_from(dice.below(3)).unwrap_or_default();
        let suffix = if number <= 7 { String::new() } else { number.to_string() };
        Self {
            number,
            first,
            last,
            email: format!("{}.{}{suffix}@mail.example", plain(first), plain(last)),
            place,
            phone: format!("{}{:03}", of.dial, dice.below(1000)),
            street: format!("{} {}", dice.below(90) + 1, of.street),
            city: of.cities.get(city).copied().unwrap_or_default(),
        }
    }

    pub(super) fn place(&self) -> &'static Place {
        PLACES.get(self.place).unwrap_or(&PLACES[0])
    }

    /// A row of the web shop's table `customers`.
    pub(super) fn web_row(&self) -> Vec<(&'static str, String)> {
        let place = self.place();
        let mut row = vec![
            ("customer_id", self.number.to_string()),
            ("first_name", self.first.to_owned()),
            ("last_name", self.last.to_owned()),
            ("email", self.email.clone()),
            ("phone", self.phone.clone()),
            ("street", self.street.clone()),
            ("city", self.city.0.to_owned()),
            ("postal_code", self.city.1.to_owned()),
            ("country", place.country.to_owned()),
            ("language", place.language.to_owned()),
        ];
        if !place.state.is_empty() {
            row.push(("state", place.state.to_owned()));
        }
        row
    }

    /// A line of the record shop's table `Customer`, under [`OLD_HEADER`].
    pub(super) fn old_line(&self) -> String {
        let place = self.place();
        format!(
            "{},{},{},{},{},{},{},{},{}",
            self.number,
            self.first,
            self.last,
            self.street,
            self.city.0,
            self.city.1,
            place.state,
            place.country,
            self.email
        )
    }
}

/// The header above [`Customer::old_line`].
pub(super) const OLD_HEADER: &str =
    "CustomerId,FirstName,LastName,Address,City,PostalCode,State,Country,Email";

fn choose(dice: &mut Dice) -> usize {
    let mut rest = dice.below(100);
    for (place, of) in PLACES.iter().enumerate() {
        if rest < of.share {
            return place;
        }
        rest -= of.share;
    }
    0
}

/// A name as it stands in an address: small letters without marks.
fn plain(name: &str) -> String {
    name.chars()
        .filter_map(|letter| match letter.to_lowercase().next().unwrap_or(letter) {
            'à' | 'á' | 'ä' | 'â' => Some('a'),
            'é' | 'è' | 'ê' | 'ë' => Some('e'),
            'í' | 'î' | 'ï' | 'ı' => Some('i'),
            'ó' | 'ô' | 'ö' => Some('o'),
            'ú' | 'ü' => Some('u'),
            'ß' => Some('s'),
            letter if letter.is_ascii_alphanumeric() => Some(letter),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(seed: u64) -> Vec<Customer> {
        let mut dice = Dice::fork(seed, 1);
        (1..=1_000).map(|number| Customer::new(number, &mut dice)).collect()
    }

    #[test]
    fn the_customers_are_the_same_for_the_same_seed_and_others_for_another() {
        assert_eq!(all(7), all(7));
        assert_ne!(all(7), all(8));
    }

    #[test]
    fn customers_live_in_every_region_and_read_both_languages() {
        for (place, of) in PLACES.iter().enumerate() {
            let live_there = all(7).iter().filter(|customer| customer.place == place).count();
            assert!(live_there >= 20, "{}: {live_there}", of.region);
        }
        assert_eq!(PLACES.iter().map(|place| place.share).sum::<u64>(), 100);
    }

    #[test]
    fn every_customer_has_an_address_of_their_own_that_can_reach_nobody() {
        let addresses: std::collections::BTreeSet<String> =
            all(7).into_iter().map(|customer| customer.email).collect();
        assert_eq!(addresses.len(), 1_000);
        assert!(addresses.iter().all(|address| address.is_ascii() && address.ends_with("@mail.example")));
        assert!(addresses.contains("zoe.charpentier@mail.example"));
    }
}
