//! What the home of a queue decides: who gets which item, and who waits.

use super::QueueEnd;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// From a user of a queue to its home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ToHome {
    Open {
        capacity: u64,
        producers: u64,
    },
    Put {
        #[serde(with = "serde_bytes")]
        item: Vec<u8>,
    },
    /// The next item; after marking the last one done, maybe.
    Get {
        done: bool,
    },
    /// No item any more, if none has been sent: one answer comes to both.
    Cancel,
    Done,
    Join,
    Close,
}

/// The answer to everything but `Open`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ToUser {
    /// It has been done as asked.
    Accepted,
    Item {
        #[serde(with = "serde_bytes")]
        item: Vec<u8>,
    },
    Cancelled,
    End(QueueEnd),
}

/// The items of a queue, and those who wait for something.
///
/// A user asks for one thing at a time, and gets one answer.
pub(super) struct Home {
    /// Capacity and producers, as the first user says.
    spec: Option<(u64, u64)>,
    items: VecDeque<Vec<u8>>,
    /// Items that were put and not marked done, and of them those that were got.
    unfinished: u64,
    got: u64,
    closes: u64,
    putting: VecDeque<(usize, Vec<u8>)>,
    getting: VecDeque<usize>,
    joining: Vec<usize>,
    /// Users that don't agree with the first.
    refused: Vec<usize>,
    /// Which ranks have left.
    gone: Vec<bool>,
}

type Answers = Vec<(usize, ToUser)>;

impl Home {
    pub fn new(ranks: usize) -> Self {
        Home {
            spec: None,
            items: VecDeque::new(),
            unfinished: 0,
            got: 0,
            closes: 0,
            putting: VecDeque::new(),
            getting: VecDeque::new(),
            joining: Vec::new(),
            refused: Vec::new(),
            gone: vec![false; ranks],
        }
    }

    /// What a user says, and the answers that this leads to.
    pub fn receive(&mut self, from: usize, message: ToHome) -> Answers {
        let answer = |answer| vec![(from, answer)];
        if message == ToHome::Cancel {
            let waiting = self.getting.iter().position(|rank| *rank == from).and_then(|at| self.getting.remove(at));
            return waiting.map_or_else(Vec::new, |_| answer(ToUser::Cancelled));
        }
        if self.refused.contains(&from) {
            return answer(ToUser::End(QueueEnd::Disagreement));
        }
        match message {
            ToHome::Open { capacity, producers } => {
                if *self.spec.get_or_insert((capacity, producers)) != (capacity, producers) {
                    self.refused.push(from);
                }
                return Vec::new();
            }
            ToHome::Put { .. } if self.is_closed() => return answer(ToUser::End(QueueEnd::Closed)),
            ToHome::Put { item } => {
                self.unfinished += 1;
                self.putting.push_back((from, item));
            }
            ToHome::Get { done: true } | ToHome::Done if self.got == 0 => {
                return answer(ToUser::End(QueueEnd::NothingToMark));
            }
            ToHome::Get { done } => {
                self.got -= u64::from(done);
                self.unfinished -= u64::from(done);
                self.getting.push_back(from);
            }
            ToHome::Done => {
                self.got -= 1;
                self.unfinished -= 1;
                return [answer(ToUser::Accepted), self.proceed()].concat();
            }
            ToHome::Cancel => unreachable!("dealt with above"),
            ToHome::Join => self.joining.push(from),
            ToHome::Close if self.is_closed() => return answer(ToUser::End(QueueEnd::Closed)),
            ToHome::Close => {
                self.closes += 1;
                return [answer(ToUser::Accepted), self.proceed()].concat();
            }
        }
        self.proceed()
    }

    /// A rank says no more.
    pub fn left(&mut self, rank: usize) -> Answers {
        self.gone[rank] = true;
        self.proceed()
    }

    fn is_closed(&self) -> bool {
        self.spec.is_some_and(|(_, producers)| self.closes >= producers)
    }

    /// Does what can be done now, and tells those for whom nothing more can.
    fn proceed(&mut self) -> Answers {
        let mut answers = Vec::new();
        let capacity = self.spec.map_or(1, |(capacity, _)| capacity);
        loop {
            if let (Some(_), Some(_)) = (self.items.front(), self.getting.front()) {
                let (item, to) = (self.items.pop_front(), self.getting.pop_front());
                self.got += 1;
                answers.extend(to.zip(item.map(|item| ToUser::Item { item })));
            } else if (self.items.len() as u64) < capacity
                && let Some((from, item)) = self.putting.pop_front()
            {
                self.items.push_back(item);
                answers.push((from, ToUser::Accepted));
            } else {
                break;
            }
        }
        if self.unfinished == 0 {
            answers.extend(self.joining.drain(..).map(|from| (from, ToUser::Accepted)));
        }
        if self.is_closed() {
            // Whoever is still putting has not been counted among the producers.
            self.unfinished -= self.putting.len() as u64;
            let ended = self.putting.drain(..).map(|(from, _)| from).chain(self.getting.drain(..));
            answers.extend(ended.map(|from| (from, ToUser::End(QueueEnd::Closed))));
        }
        if self.is_abandoned() {
            self.unfinished -= self.putting.len() as u64;
            let putting = self.putting.drain(..).map(|(from, _)| from);
            let ended = putting.chain(self.getting.drain(..)).chain(self.joining.drain(..));
            answers.extend(ended.map(|from| (from, ToUser::End(QueueEnd::Abandoned))));
        }
        answers
    }

    /// Whether every rank has left or waits here.
    fn is_abandoned(&self) -> bool {
        let waits = |rank: &usize| {
            self.getting.contains(rank) || self.joining.contains(rank) || self.putting.iter().any(|(it, _)| it == rank)
        };
        (0..self.gone.len()).all(|rank| self.gone[rank] || waits(&rank))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn put(item: u8) -> ToHome {
        ToHome::Put { item: vec![item] }
    }

    fn item(item: u8) -> ToUser {
        ToUser::Item { item: vec![item] }
    }

    fn open(ranks: usize, capacity: u64, producers: u64) -> Home {
        let mut home = Home::new(ranks);
        (0..ranks).for_each(|rank| assert!(home.receive(rank, ToHome::Open { capacity, producers }).is_empty()));
        home
    }

    #[test]
    fn a_full_queue_makes_producers_wait() {
        let mut home = open(4, 2, 2);
        assert_eq!(home.receive(0, put(1)), [(0, ToUser::Accepted)]);
        assert_eq!(home.receive(1, put(2)), [(1, ToUser::Accepted)]);
        assert_eq!(home.receive(0, put(3)), []);
        assert_eq!(home.receive(1, put(4)), []);
        assert_eq!(home.receive(2, ToHome::Get { done: false }), [(2, item(1)), (0, ToUser::Accepted)]);
        assert_eq!(home.receive(3, ToHome::Get { done: false }), [(3, item(2)), (1, ToUser::Accepted)]);
    }

    #[test]
    fn consumers_wait_and_are_served_in_turn() {
        let mut home = open(4, 1, 1);
        assert_eq!(home.receive(2, ToHome::Get { done: false }), []);
        assert_eq!(home.receive(1, ToHome::Get { done: false }), []);
        assert_eq!(home.receive(0, put(1)), [(0, ToUser::Accepted), (2, item(1))]);
        assert_eq!(home.receive(0, put(2)), [(0, ToUser::Accepted), (1, item(2))]);
    }

    #[test]
    fn the_last_producer_closes_it() {
        let mut home = open(4, 3, 2);
        home.receive(0, put(1));
        assert_eq!(home.receive(0, ToHome::Close), [(0, ToUser::Accepted)]);
        home.receive(1, put(2));
        assert_eq!(home.receive(1, ToHome::Close), [(1, ToUser::Accepted)]);
        assert_eq!(home.receive(1, ToHome::Close), [(1, ToUser::End(QueueEnd::Closed))]);
        assert_eq!(home.receive(0, put(3)), [(0, ToUser::End(QueueEnd::Closed))]);
        assert_eq!(home.receive(2, ToHome::Get { done: false }), [(2, item(1))]);
        assert_eq!(home.receive(2, ToHome::Get { done: false }), [(2, item(2))]);
        assert_eq!(home.receive(2, ToHome::Get { done: false }), [(2, ToUser::End(QueueEnd::Closed))]);
        let mut home = open(3, 3, 1);
        assert_eq!(home.receive(2, ToHome::Get { done: false }), []);
        assert_eq!(home.receive(0, ToHome::Close), [(0, ToUser::Accepted), (2, ToUser::End(QueueEnd::Closed))]);
    }

    #[test]
    fn join_waits_for_what_is_not_done() {
        let mut home = open(3, 3, 1);
        assert_eq!(home.receive(0, ToHome::Join), [(0, ToUser::Accepted)]);
        home.receive(0, put(1));
        home.receive(0, put(2));
        assert_eq!(home.receive(0, ToHome::Join), []);
        assert_eq!(home.receive(1, ToHome::Done), [(1, ToUser::End(QueueEnd::NothingToMark))]);
        home.receive(1, ToHome::Get { done: false });
        assert_eq!(home.receive(1, ToHome::Done), [(1, ToUser::Accepted)]);
        home.receive(1, ToHome::Get { done: false });
        assert_eq!(home.receive(1, ToHome::Done), [(1, ToUser::Accepted), (0, ToUser::Accepted)]);
    }

    #[test]
    fn nobody_waits_for_those_who_have_left() {
        let mut home = open(3, 1, 1);
        assert_eq!(home.receive(1, ToHome::Get { done: false }), []);
        assert_eq!(home.left(0), []);
        assert_eq!(home.left(2), [(1, ToUser::End(QueueEnd::Abandoned))]);
        // One item was put, and its consumer has left without marking it.
        let mut home = open(2, 1, 1);
        home.receive(0, put(1));
        home.receive(1, ToHome::Get { done: false });
        assert_eq!(home.left(1), []);
        assert_eq!(home.receive(0, ToHome::Join), [(0, ToUser::End(QueueEnd::Abandoned))]);
    }

    #[test]
    fn who_has_waited_enough_gets_one_answer() {
        let mut home = open(3, 1, 1);
        assert_eq!(home.receive(1, ToHome::Get { done: false }), []);
        assert_eq!(home.receive(1, ToHome::Cancel), [(1, ToUser::Cancelled)]);
        // Nobody waits now, so the item stays.
        assert_eq!(home.receive(0, put(1)), [(0, ToUser::Accepted)]);
        // It was on its way when the consumer had waited enough.
        assert_eq!(home.receive(1, ToHome::Get { done: false }), [(1, item(1))]);
        assert_eq!(home.receive(1, ToHome::Cancel), []);
        home.receive(2, ToHome::Open { capacity: 2, producers: 1 });
        let refused = [(2, ToUser::End(QueueEnd::Disagreement))];
        assert_eq!(home.receive(2, ToHome::Get { done: false }), refused);
        assert_eq!(home.receive(2, ToHome::Cancel), []);
    }

    #[test]
    fn users_who_disagree_are_told() {
        let mut home = open(2, 1, 1);
        home.receive(1, ToHome::Open { capacity: 2, producers: 1 });
        assert_eq!(home.receive(1, ToHome::Get { done: false }), [(1, ToUser::End(QueueEnd::Disagreement))]);
        assert_eq!(home.receive(0, put(1)), [(0, ToUser::Accepted)]);
    }

    proptest! {
        /// Whatever the order in which producers and consumers speak: no item is lost or doubled, each producer's are
        /// got in their order by each consumer, and the queue never holds more than it may.
        #[test]
        fn every_item_is_got_once(
            capacity in 1u64..4,
            shares in prop::collection::vec(0u8..20, 1..4),
            consumers in 1usize..4,
            choices in prop::collection::vec(any::<prop::sample::Index>(), 400),
            impatient in any::<bool>(),
        ) {
            let producers = shares.len();
            let ranks = producers + consumers;
            let mut home = open(ranks, capacity, producers as u64);
            // What each rank does next; None while it waits, or has ended.
            let mut next: Vec<Option<ToHome>> = (0..ranks).map(|rank| {
                Some(match shares.get(rank) { None => ToHome::Get { done: false }, Some(0) => ToHome::Close, Some(_) => put(0) })
            }).collect();
            let mut accepted = vec![0u8; producers];
            let mut got: Vec<BTreeMap<usize, Vec<u8>>> = vec![BTreeMap::new(); consumers];
            let mut ended = 0;
            for choice in choices.iter().cycle() {
                let ready: Vec<usize> = (0..ranks).filter(|rank| next[*rank].is_some()).collect();
                if ready.is_empty() {
                    break;
                }
                // A consumer that waits has waited enough.
                let waits = choice.index(ranks);
                if impatient && waits >= producers && home.getting.contains(&waits) {
                    prop_assert_eq!(home.receive(waits, ToHome::Cancel), [(waits, ToUser::Cancelled)]);
                    next[waits] = Some(ToHome::Get { done: false });
                    continue;
                }
                let rank = ready[choice.index(ready.len())];
                let mut message = next[rank].take().unwrap();
                let was_close = message == ToHome::Close;
                if let ToHome::Put { item } = &mut message {
                    item.insert(0, rank as u8);
                }
                for (to, answer) in home.receive(rank, message) {
                    prop_assert!(home.items.len() as u64 <= capacity);
                    match answer {
                        ToUser::Accepted if to == rank && was_close => (),
                        ToUser::Accepted => {
                            accepted[to] += 1;
                            let is_last = accepted[to] == shares[to];
                            next[to] = Some(if is_last { ToHome::Close } else { put(accepted[to]) });
                        }
                        ToUser::Item { item } => {
                            got[to - producers].entry(item[0] as usize).or_default().push(item[1]);
                            next[to] = Some(ToHome::Get { done: false });
                        }
                        ToUser::Cancelled => prop_assert!(false, "nobody has asked for it"),
                        ToUser::End(end) => {
                            prop_assert_eq!(end, QueueEnd::Closed);
                            ended += 1;
                        }
                    }
                }
            }
            prop_assert_eq!(ended, consumers);
            for (producer, share) in shares.iter().enumerate() {
                let of_it = got.iter().filter_map(|got| got.get(&producer));
                of_it.clone().for_each(|items| assert!(items.is_sorted()));
                let mut all: Vec<u8> = of_it.flatten().copied().collect();
                all.sort_unstable();
                prop_assert_eq!(all, (0..*share).collect::<Vec<_>>());
            }
        }
    }
}
