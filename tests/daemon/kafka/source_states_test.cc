#include "daemon/kafka/source_states.h"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace signinwatch::kafka {
namespace source_states_test {

using State = PartitionState;
using Input = PartitionInput;
using Kind = PartitionEvent::Kind;

// What a partition goes through: each input, the state it leads to, what is told, whether it is
// fetched again.
struct Moved {
  Input input;
  State to;
  std::optional<Kind> tell = {};
  bool fetch_again = false;
};

void Follow(const std::string& story, const std::vector<Moved>& moves) {
  State state = State::kKnown;
  int number = 0;
  for (const Moved& each : moves) {
    const PartitionTransition transition = NextState(state, each.input);
    EXPECT_EQ(transition.to, each.to) << story << ", move " << ++number;
    EXPECT_EQ(transition.tell, each.tell) << story << ", move " << number;
    EXPECT_EQ(transition.fetch_again, each.fetch_again) << story << ", move " << number;
    state = transition.to;
  }
}

const Moved kGiven{Input::kAssigned, State::kReading, Kind::kAssigned};
const Moved kRead{Input::kMessage, State::kReading};
const Moved kEnded{Input::kEnd, State::kAtEnd, Kind::kReachedEnd};
const Moved kTaken{Input::kRevoked, State::kRevoked, Kind::kRevoked};

TEST(PartitionStateTest, FollowsWhatHappens) {
  Follow("read to its end, and on", {kGiven, kRead, kEnded, kRead, kEnded});
  Follow("the end moves where nothing is to be read", {kGiven, kEnded, kEnded});
  Follow("taken away and given back", {kGiven, kRead, kTaken, kGiven});
  Follow("offered, told where to start, taken away",
         {{Input::kOffered, State::kWaiting, Kind::kOffered},
          {Input::kOffered, State::kWaiting},
          {Input::kMessage, State::kWaiting},
          {Input::kEnd, State::kWaiting},
          {Input::kNoAnswer, State::kWaiting},
          kGiven,
          kRead,
          kTaken,
          {Input::kOffered, State::kWaiting, Kind::kOffered},
          kTaken});
  Follow("taken away at its end", {kGiven, kEnded, kTaken});
  // What was fetched comes still; its end is old, and asked again.
  Follow("out of reach while it is read",
         {kGiven,
          {Input::kNoAnswer, State::kOutOfReach, Kind::kUnreachable},
          {Input::kNoAnswer, State::kOutOfReach},
          {Input::kMessage, State::kOutOfReach},
          {Input::kEnd, State::kVerifying, {}, true},
          {Input::kNoAnswer, State::kVerifying},
          kRead});
  // Nothing that was fetched before can come.
  Follow("out of reach at its end",
         {kGiven, kEnded, {Input::kNoAnswer, State::kVerifying, Kind::kUnreachable, true}, kEnded});
  Follow("taken away while out of reach",
         {kGiven, {Input::kNoAnswer, State::kOutOfReach, Kind::kUnreachable}, kTaken, kGiven});
  Follow("taken away while it is verified",
         {kGiven, kEnded, {Input::kNoAnswer, State::kVerifying, Kind::kUnreachable, true}, kTaken});
  // Back for a moment only: told again.
  Follow("out of reach again", {kGiven,
                                kEnded,
                                {Input::kNoAnswer, State::kVerifying, Kind::kUnreachable, true},
                                kRead,
                                {Input::kNoAnswer, State::kOutOfReach, Kind::kUnreachable}});
}

TEST(PartitionStateTest, IsGivenBeforeAnythingElseCounts) {
  for (const State state : {State::kKnown, State::kRevoked}) {
    EXPECT_FALSE(IsAssigned(state));
    for (const Input input : {Input::kMessage, Input::kEnd, Input::kNoAnswer, Input::kRevoked}) {
      const PartitionTransition transition = NextState(state, input);
      EXPECT_EQ(transition.to, state);
      EXPECT_EQ(transition.tell, std::nullopt);
      EXPECT_FALSE(transition.fetch_again);
    }
  }
}

TEST(PartitionStateTest, IsReadAnewWheneverItIsGiven) {
  for (const State state : {State::kKnown, State::kWaiting, State::kReading, State::kAtEnd,
                            State::kOutOfReach, State::kVerifying, State::kRevoked}) {
    const PartitionTransition transition = NextState(state, Input::kAssigned);
    EXPECT_EQ(transition.to, State::kReading);
    EXPECT_EQ(transition.tell, Kind::kAssigned);
    EXPECT_FALSE(transition.fetch_again);
    EXPECT_EQ(IsUnreachable(state), state == State::kOutOfReach || state == State::kVerifying);
  }
}

TEST(MembershipTest, FollowsWhatHappens) {
  using M = Membership;
  using In = MembershipInput;
  const struct {
    const char* story;
    std::vector<std::pair<In, M>> moves;
  } stories[] = {
      {"joins and leaves",
       {{In::kAssignment, M::kMember},
        {In::kAssignment, M::kMember},
        {In::kClose, M::kLeft},
        {In::kAssignment, M::kLeft},
        {In::kClose, M::kLeft}}},
      {"closed before it was answered", {{In::kClose, M::kLeaving}}},
      {"closed while joining, and given an assignment",
       {{In::kClose, M::kLeaving}, {In::kAssignment, M::kLeft}, {In::kOutOfTime, M::kLeft}}},
      {"closed while joining, and left without one",
       {{In::kClose, M::kLeaving}, {In::kOutOfTime, M::kStranded}, {In::kClose, M::kStranded}}},
      {"given one at last",
       {{In::kClose, M::kLeaving}, {In::kOutOfTime, M::kStranded}, {In::kAssignment, M::kLeft}}},
  };
  for (const auto& each : stories) {
    Membership state = M::kJoining;
    for (const auto& [input, to] : each.moves) {
      state = NextMembership(state, input);
      EXPECT_EQ(state, to) << each.story;
      EXPECT_EQ(IsClosed(state), state != M::kJoining && state != M::kMember);
    }
  }
}

}  // namespace source_states_test
}  // namespace signinwatch::kafka
