// What a source is in the middle of, as named states, and what moves each on, as two tables: one
// for the membership of the group, one for each partition. Pure; for the sources of this folder
// only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_SOURCE_STATES_H_
#define SIGNINWATCH_DAEMON_KAFKA_SOURCE_STATES_H_

#include <cstdint>
#include <optional>

#include "daemon/kafka/record_source.h"

namespace signinwatch::kafka {

enum class Membership : uint8_t {
  kJoining,   // no assignment has come yet
  kMember,    // one has, be it empty
  kLeaving,   // closed while joining
  kLeft,      // closed as a member
  kStranded,  // closed while the assignment was on its way: the client can't be destroyed
};
enum class MembershipInput : uint8_t {
  kAssignment,  // the group has given one, or is steady
  kClose,
  kOutOfTime,  // the group has answered to the joining, and no assignment came in time
};

[[nodiscard]] Membership NextMembership(Membership from, MembershipInput input);
[[nodiscard]] constexpr bool IsClosed(Membership state) { return state >= Membership::kLeaving; }

enum class PartitionState : uint8_t {
  kKnown,       // it exists; it was never this member's
  kWaiting,     // this member's; where it starts is not told yet
  kReading,     // what comes next is there to be read, for all that is known
  kAtEnd,       // read to the end of its log, as of the last word of its broker
  kOutOfReach,  // its broker does not answer; what was fetched before may still come
  kVerifying,   // out of reach, and fetched again from its position on: what comes next is fresh
  kRevoked,     // another member's by now
};
enum class PartitionInput : uint8_t {
  kOffered,
  kAssigned,
  kMessage,   // one was handed out
  kEnd,       // the client says that there is nothing behind the last one
  kNoAnswer,  // its broker has been silent for some seconds; comes again as long as it is
  kRevoked,
};
struct PartitionTransition {
  PartitionState to = PartitionState::kKnown;
  std::optional<PartitionEvent::Kind> tell = {};  // to the pipeline
  // Drop what the client has fetched of it, which may be older than the silence, and fetch anew.
  bool fetch_again = false;
};

[[nodiscard]] PartitionTransition NextState(PartitionState from, PartitionInput input);
[[nodiscard]] constexpr bool IsAssigned(PartitionState state) {
  return state != PartitionState::kKnown && state != PartitionState::kWaiting &&
         state != PartitionState::kRevoked;
}
[[nodiscard]] constexpr bool IsUnreachable(PartitionState state) {
  return state == PartitionState::kOutOfReach || state == PartitionState::kVerifying;
}

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_SOURCE_STATES_H_
