//! The group of P-256 (SP 800-186 3.2.1.3), in constant time, over the numbers of crate p256.
//!
//! The crate's own group inverts by safegcd, whose checks stay in the program and may panic; here
//! inverses are powers. It knows points and scalars, and nothing of keys.
//!
//! # Implementation notes
//! Points are (X : Y : Z) with x = X/Z, y = Y/Z. The formulas of Renes, Costello and Batina
//! ("Complete addition formulas for prime order elliptic curves", 2016, section 3) hold for all
//! pairs of points, equal and infinite ones included, so that nothing has to be asked.

use core::hint::black_box;

use p256::NistP256;
use p256::elliptic_curve::Field;
use p256::elliptic_curve::ff::PrimeField;
use p256::elliptic_curve::hazmat::FieldArithmetic;
use p256::elliptic_curve::subtle::{ConditionallySelectable, ConstantTimeEq};
use primeorder::PrimeCurveParams;
use zeroize::{DefaultIsZeroes, Zeroize, Zeroizing};

pub use p256::Scalar;

/// A number modulo p.
type Element = <NistP256 as FieldArithmetic>::FieldElement;

/// Size of a number modulo p or n.
pub const SIZE: usize = 32;

/// A point by its coordinates.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Affine {
    x: Element,
    y: Element,
}

impl DefaultIsZeroes for Affine {}

impl Affine {
    /// The generator G.
    pub const GENERATOR: Affine = Affine { x: NistP256::GENERATOR.0, y: NistP256::GENERATOR.1 };

    /// The point of these big-endian coordinates, if they are below p and on the curve. SP 800-56A
    /// 5.6.2.3.4.
    pub fn from_coordinates(x: &[u8; SIZE], y: &[u8; SIZE]) -> Option<Affine> {
        let read = |bytes: &[u8; SIZE]| Element::from_repr((*bytes).into()).into_option();
        let (x, y) = (read(x)?, read(y)?);
        let on_curve = y.square() == (x.square() + NistP256::EQUATION_A) * x + NistP256::EQUATION_B;
        on_curve.then_some(Affine { x, y })
    }

    /// Its big-endian x coordinate.
    pub fn x(&self) -> [u8; SIZE] {
        self.x.to_repr().into()
    }

    /// Its big-endian y coordinate.
    pub fn y(&self) -> [u8; SIZE] {
        self.y.to_repr().into()
    }
}

/// The sum of `k P` over all `(P, k)`; (0, 0) if it is infinite, which is on no curve.
pub fn sum_of_products<const N: usize>(factors: [(&Affine, &Scalar); N]) -> Affine {
    let tables = Zeroizing::new(factors.map(|(point, _)| multiples(point)));
    let digits = Zeroizing::new(factors.map(|(_, scalar)| Digits::of(scalar)));
    let mut sum = Zeroizing::new(Point::INFINITY);
    for place in (0..DIGITS).rev() {
        for _ in 0..WINDOW {
            *sum = sum.double();
        }
        for (table, digits) in tables.iter().zip(digits.iter()) {
            let digit = digits.0.get(place).copied().unwrap_or_default();
            *sum = sum.add(&select(table, digit));
        }
    }
    sum.to_affine()
}

/// `k G`.
pub fn times_generator(scalar: &Scalar) -> Affine {
    sum_of_products([(&Affine::GENERATOR, scalar)])
}

/// The inverse of a number modulo n, its power n - 2; of 0 it is 0.
pub fn invert(scalar: &Scalar) -> Scalar {
    // Least significant word first.
    const EXPONENT: [u64; 4] =
        [0xf3b9_cac2_fc63_254f, 0xbce6_faad_a717_9e84, u64::MAX, 0xffff_ffff_0000_0000];
    // Its time depends on the exponent, which is public.
    Field::pow_vartime(scalar, EXPONENT)
}

/// A point, infinity included.
#[derive(Clone, Copy, Default)]
struct Point {
    x: Element,
    y: Element,
    z: Element,
}

impl DefaultIsZeroes for Point {}

impl Point {
    const INFINITY: Point = Point { x: Element::ZERO, y: Element::ONE, z: Element::ZERO };

    fn add(&self, other: &Point) -> Point {
        let Point { x: x1, y: y1, z: z1 } = *self;
        let Point { x: x2, y: y2, z: z2 } = *other;
        let (xx, yy, zz) = (x1 * x2, y1 * y2, z1 * z2);
        // The sums of both mixed products, by one multiplication each.
        let xy = (x1 + y1) * (x2 + y2) - xx - yy;
        let yz = (y1 + z1) * (y2 + z2) - yy - zz;
        let xz = (x1 + z1) * (x2 + z2) - xx - zz;
        combine([xx, yy, zz], [xy, yz, xz])
    }

    fn double(&self) -> Point {
        let Point { x, y, z } = *self;
        let mixed = [x * y, y * z, x * z].map(|product| product.double());
        combine([x.square(), y.square(), z.square()], mixed)
    }

    /// The point's coordinates, with 0 in place of a number by 0.
    fn to_affine(self) -> Affine {
        // p - 2, least significant word first.
        const EXPONENT: [u64; 4] = [0xffff_ffff_ffff_fffd, 0xffff_ffff, 0, 0xffff_ffff_0000_0001];
        let inverse = Zeroizing::new(Field::pow_vartime(&self.z, EXPONENT));
        Affine { x: self.x * *inverse, y: self.y * *inverse }
    }
}

/// The sum of two points by the products of their coordinates: X X', Y Y', Z Z', and X Y' + X' Y,
/// Y Z' + Y' Z, X Z' + X' Z. The paper's general formulas with a = -3.
fn combine([xx, yy, zz]: [Element; 3], [xy, yz, xz]: [Element; 3]) -> Point {
    let triple = |a: Element| a.double() + a;
    let s = triple(NistP256::EQUATION_B * zz - xz);
    let t = triple(NistP256::EQUATION_B * xz - xx - triple(zz));
    let u = triple(xx - zz);
    let (less, more) = (yy - s, yy + s);
    Point { x: xy * less - yz * t, y: more * less + u * t, z: yz * more + xy * u }
}

/// Bits that are worked on at once.
const WINDOW: usize = 4;
/// Digits of a scalar, with room for a carry.
const DIGITS: usize = 8 * SIZE / WINDOW + 1;

/// A scalar in digits from -8 to 7, least significant first.
#[derive(Clone, Copy)]
struct Digits([i8; DIGITS]);

impl Zeroize for Digits {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Digits {
    fn of(scalar: &Scalar) -> Digits {
        let bytes: Zeroizing<[u8; SIZE]> = Zeroizing::new(scalar.to_repr().into());
        let nibbles = bytes.iter().rev().flat_map(|byte| [byte & 15, byte >> 4]).chain([0]);
        let mut digits = Digits([0; DIGITS]);
        let mut carry = 0;
        for (digit, nibble) in digits.0.iter_mut().zip(nibbles) {
            let value = nibble as i8 + carry;
            carry = (value + 8) >> 4;
            *digit = value - (carry << 4);
        }
        digits
    }
}

/// P, 2 P, … 8 P.
fn multiples(point: &Affine) -> [Point; 8] {
    let mut multiple = Point::INFINITY;
    let point = Point { x: point.x, y: point.y, z: Element::ONE };
    [(); 8].map(|()| {
        multiple = multiple.add(&point);
        multiple
    })
}

/// `digit P`: looks at all of the table, whatever the digit.
fn select(table: &[Point; 8], digit: i8) -> Point {
    // Or the compiler may turn what is computed with it into a branch.
    let sign = black_box(digit >> 7);
    let size = ((digit ^ sign) - sign) as u8;
    let mut selected = Point::INFINITY;
    for (number, point) in (1u8..).zip(table) {
        let chosen = number.ct_eq(&size);
        selected.x.conditional_assign(&point.x, chosen);
        selected.y.conditional_assign(&point.y, chosen);
        selected.z.conditional_assign(&point.z, chosen);
    }
    let negative = -selected.y;
    selected.y.conditional_assign(&negative, (sign as u8 & 1).into());
    selected
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::point::AffineCoordinates;
    use p256::elliptic_curve::subtle::CtOption;
    use p256::{AffinePoint, ProjectivePoint};

    use super::*;

    /// The peer's point, as ours.
    fn ours(point: &ProjectivePoint) -> Affine {
        let point = point.to_affine();
        if bool::from(point.is_identity()) {
            return Affine::default();
        }
        Affine::from_coordinates(&point.x().into(), &point.y().into()).unwrap()
    }

    fn scalar(seed: u64) -> Scalar {
        Field::pow_vartime(&Scalar::from(seed + 2), [seed | 1 << 60])
    }

    /// Scalars that make every digit, carries to the end, and infinity.
    fn scalars() -> impl Iterator<Item = Scalar> {
        let small = (0..40_u64).map(Scalar::from);
        small.clone().chain(small.map(|k| -k)).chain((0..60).map(scalar))
    }

    /// Products are crate p256's.
    #[test]
    fn products() {
        let points = [ProjectivePoint::GENERATOR, ProjectivePoint::GENERATOR * scalar(99)];
        for point in points {
            for k in scalars() {
                assert!(sum_of_products([(&ours(&point), &k)]) == ours(&(point * k)));
            }
        }
        assert!(times_generator(&-Scalar::ONE).x() == Affine::GENERATOR.x());
        assert!(ours(&ProjectivePoint::from(AffinePoint::GENERATOR)) == Affine::GENERATOR);
    }

    /// Sums of two are too, of points that are equal, opposite or infinite as well.
    #[test]
    fn sums() {
        let (a, b) = (scalar(5), scalar(6));
        let points = [Scalar::ONE, -Scalar::ONE, a].map(|k| ProjectivePoint::GENERATOR * k);
        for p in points {
            for q in points {
                for (k, l) in [(a, b), (a, a), (a, -a), (Scalar::ZERO, b), (Scalar::ONE, -b)] {
                    let sum = sum_of_products([(&ours(&p), &k), (&ours(&q), &l)]);
                    assert!(sum == ours(&(p * k + q * l)));
                }
            }
        }
    }

    /// Inverses are crate p256's.
    #[test]
    fn inverses() {
        for k in scalars() {
            let peers: CtOption<Scalar> = k.invert();
            assert_eq!(invert(&k), peers.unwrap_or(Scalar::ZERO));
        }
    }
}
