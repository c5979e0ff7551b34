//! The demo's customers: made up from short lists, always the same, at reserved domains
//! (RFC 2606), so that no message could ever reach anybody.

/// How many customers there are.
pub(crate) const CUSTOMERS: u32 = 200;

/// Where customers live: country, cities, first names, last names.
struct Region {
    country: &'static str,
    cities: [(&'static str, &'static str); 3],
    first: [&'static str; 8],
    last: [&'static str; 8],
}

const REGIONS: [Region; 5] = [
    Region {
        country: "United Kingdom",
        cities: [("London", "E1 6EA"), ("Leeds", "LS1 4AP"), ("Bath", "BA1 1LZ")],
        first: ["Olive", "Rowan", "Iris", "Felix", "Nora", "Hugh", "Edith", "Amir"],
        last: ["Hartley", "Moss", "Okafor", "Whitby", "Lindon", "Farrow", "Chand", "Quill"],
    },
    Region {
        country: "France",
        cities: [("Lyon", "69002"), ("Paris", "75011"), ("Nantes", "44000")],
        first: ["Zoé", "Lucien", "Maëlle", "Théo", "Inès", "Gaël", "Aïcha", "Noël"],
        last: ["Charpentier", "Lefèvre", "Diallo", "Rousseau", "Garnier", "Bouvet", "Morel", "Héron"],
    },
    Region {
        country: "Germany",
        cities: [("Köln", "50667"), ("Leipzig", "04109"), ("Bremen", "28195")],
        first: ["Jörg", "Änne", "Malte", "Frieda", "Kemal", "Ute", "Bjarne", "Lotte"],
        last: ["Weißgerber", "Vogel", "Yıldız", "Krüger", "Lindner", "Böhm", "Sander", "Fuchs"],
    },
    Region {
        country: "Ireland",
        cities: [("Dublin", "D02 X285"), ("Cork", "T12 W8KP"), ("Galway", "H91 E2K3")],
        first: ["Saoirse", "Cillian", "Niamh", "Oisín", "Áine", "Darragh", "Róisín", "Eoin"],
        last: ["Ó Briain", "Kavanagh", "Ní Dhuibhne", "Tierney", "Nolan", "Breen", "Walsh", "Daly"],
    },
    Region {
        country: "USA",
        cities: [("Oakland", "94607"), ("San Diego", "92101"), ("Fresno", "93721")],
        first: ["Marisol", "Dwight", "Kiyoko", "Andre", "Paloma", "Wes", "Thuy", "June"],
        last: ["Alvarado", "Tran", "Whitaker", "Nakamura", "Reyes", "Boone", "Ellison", "Park"],
    },
];

/// Numbers that look random and are the same in every run (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(crate) const fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let place = self.below(list.len() as u64);
        list.get(usize::try_from(place).unwrap_or_default())
    }
}

/// One made-up customer, as a row of the shop's table `Customer`.
pub(crate) fn customer(number: u32, dice: &mut Dice) -> Vec<(&'static str, String)> {
    let Some(region) = dice.pick(&REGIONS) else { return Vec::new() };
    let (first, last) = (dice.pick(&region.first), dice.pick(&region.last));
    let (Some(first), Some(last), Some((city, code))) = (first, last, dice.pick(&region.cities)) else {
        return Vec::new();
    };
    let house = dice.below(90) + 1;
    vec![
        ("CustomerId", number.to_string()),
        ("FirstName", (*first).to_owned()),
        ("LastName", (*last).to_owned()),
        ("Address", format!("{house} Mill Lane")),
        ("City", (*city).to_owned()),
        ("PostalCode", (*code).to_owned()),
        ("Country", region.country.to_owned()),
        ("Email", format!("customer{number}@shop.example")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customers_are_the_same_in_every_run_and_live_in_every_region() {
        let all = || {
            let mut dice = Dice::new(7);
            (1..=CUSTOMERS).map(|number| customer(number, &mut dice)).collect::<Vec<_>>()
        };
        assert_eq!(all(), all());
        for region in &REGIONS {
            let lives_there =
                |row: &Vec<(&str, String)>| row.iter().any(|(_, value)| value == region.country);
            assert!(all().iter().any(lives_there), "{}", region.country);
        }
    }
}
