#include "daemon/kafka/source_states.h"

#include <array>
#include <cstddef>

namespace signinwatch::kafka {
namespace {

constexpr size_t kMemberships = static_cast<size_t>(Membership::kStranded) + 1;
constexpr size_t kMembershipInputs = static_cast<size_t>(MembershipInput::kOutOfTime) + 1;
constexpr size_t kStates = static_cast<size_t>(PartitionState::kRevoked) + 1;
constexpr size_t kInputs = static_cast<size_t>(PartitionInput::kRevoked) + 1;

using M = Membership;
constexpr std::array<std::array<Membership, kMembershipInputs>, kMemberships> kMembershipTable{{
    //                assignment  close        out of time
    /* kJoining  */ {{M::kMember, M::kLeaving, M::kJoining}},
    /* kMember   */ {{M::kMember, M::kLeft, M::kMember}},
    /* kLeaving  */ {{M::kLeft, M::kLeaving, M::kStranded}},
    /* kLeft     */ {{M::kLeft, M::kLeft, M::kLeft}},
    /* kStranded */ {{M::kLeft, M::kStranded, M::kStranded}},
}};

using S = PartitionState;
using Kind = PartitionEvent::Kind;
using T = PartitionTransition;
constexpr T kOffered{S::kWaiting, Kind::kOffered};
constexpr T kAssigned{S::kReading, Kind::kAssigned};
constexpr T kRevoked{S::kRevoked, Kind::kRevoked};
constexpr T kReachedEnd{S::kAtEnd, Kind::kReachedEnd};
constexpr std::array<std::array<T, kInputs>, kStates> kPartitionTable{{
    // offered, assigned, message, end, no answer, revoked
    /* kKnown */
    {{kOffered, kAssigned, T{S::kKnown}, T{S::kKnown}, T{S::kKnown}, T{S::kKnown}}},
    /* kWaiting */
    {{T{S::kWaiting}, kAssigned, T{S::kWaiting}, T{S::kWaiting}, T{S::kWaiting}, kRevoked}},
    /* kReading */
    {{T{S::kReading}, kAssigned, T{S::kReading}, kReachedEnd, T{S::kOutOfReach, Kind::kUnreachable},
      kRevoked}},
    /* kAtEnd: nothing that was fetched before is to come */
    {{T{S::kAtEnd}, kAssigned, T{S::kReading}, kReachedEnd,
      T{S::kVerifying, Kind::kUnreachable, true}, kRevoked}},
    /* kOutOfReach: that end may have been fetched before the broker went away */
    {{T{S::kOutOfReach}, kAssigned, T{S::kOutOfReach}, T{S::kVerifying, {}, true},
      T{S::kOutOfReach}, kRevoked}},
    /* kVerifying */
    {{T{S::kVerifying}, kAssigned, T{S::kReading}, kReachedEnd, T{S::kVerifying}, kRevoked}},
    /* kRevoked */
    {{kOffered, kAssigned, T{S::kRevoked}, T{S::kRevoked}, T{S::kRevoked}, T{S::kRevoked}}},
}};

}  // namespace

Membership NextMembership(Membership from, MembershipInput input) {
  return kMembershipTable[static_cast<size_t>(from)][static_cast<size_t>(input)];
}

PartitionTransition NextState(PartitionState from, PartitionInput input) {
  return kPartitionTable[static_cast<size_t>(from)][static_cast<size_t>(input)];
}

}  // namespace signinwatch::kafka
