//! What a client may do, as bit sets of Kafka's ACL operations (KIP-430): without an authorizer, all that there is for
//! a resource. Called by the APIs that can be asked for it.

/// Read, write, create, delete, alter, describe, describe configs, alter configs.
pub const TOPIC: i32 = bits(&[3, 4, 5, 6, 7, 8, 10, 11]);
/// Read, delete, describe, describe configs, alter configs.
pub const GROUP: i32 = bits(&[3, 6, 8, 10, 11]);
/// Create, alter, describe, cluster action, describe configs, alter configs, idempotent write.
pub const CLUSTER: i32 = bits(&[5, 7, 8, 9, 10, 11, 12]);
/// Nobody asked.
pub const UNASKED: i32 = i32::MIN;

const fn bits(operations: &[u32]) -> i32 {
    let (mut set, mut rest) = (0, operations);
    while let [first, others @ ..] = rest {
        set |= 1 << *first;
        rest = others;
    }
    set
}

/// The set if it was asked for.
pub const fn if_asked(set: i32, asked: bool) -> i32 {
    if asked { set } else { UNASKED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_kafkas() {
        assert_eq!((TOPIC, GROUP, CLUSTER), (3576, 3400, 8096));
    }
}
