#include "daemon/serve/presence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/clock/clock.h"

namespace signinwatch::serve {
namespace presence_test {

class FakeInstances : public store::InstanceStore {
 public:
  absl::Status NoteInstance(const store::InstanceFacts& facts, EventTime) override {
    told.push_back(facts.name);
    return status;
  }
  absl::Status ForgetInstance() override {
    told.emplace_back("gone");
    return status;
  }
  absl::Status FindInstances(EventTime, store::Instances*) override { return status; }

  std::vector<std::string> told;
  absl::Status status;
};

TEST(Presence, IsToldAgainAndAgainAndTakesItsLeave) {
  FakeInstances store;
  Presence presence(store, clock::SystemClock(), [] {
    return store::InstanceFacts{.name = "detect-0", .role = "detect", .version = "1"};
  });
  const clock::Instant now{};
  EXPECT_EQ(presence.Step(now), steps::StepResult::At(now.steady + Presence::kTellEvery));
  store.status = absl::UnavailableError("no connection");  // it is told of the next time
  EXPECT_EQ(presence.Step(now), steps::StepResult::At(now.steady + Presence::kTellEvery));
  EXPECT_EQ(store.told, (std::vector<std::string>{"detect-0", "detect-0"}));

  presence.Stop();
  EXPECT_EQ(presence.Step(now), steps::StepResult::Done());
  EXPECT_EQ(store.told.back(), "gone");
}

}  // namespace presence_test
}  // namespace signinwatch::serve
