#include "daemon/serve/presence.h"

#include <utility>

#include "daemon/log/log.h"

namespace signinwatch {

Presence::Presence(InstanceStore& store, const Clock& clock, std::function<InstanceFacts()> facts)
    : store_(store),
      facts_(std::move(facts)),
      threads_(clock, [this](Instant now) { return Step(now); }) {}

Presence::~Presence() { Stop(); }

void Presence::Stop() {
  leaving_ = true;
  threads_.Wake();
  threads_.Join();
}

StepResult Presence::Step(Instant now) {
  const bool leaving = leaving_;
  const absl::Status status =
      leaving ? store_.ForgetInstance() : store_.NoteInstance(facts_(), now.wall);
  // Whoever looks sees that this one has not been heard of.
  if (!status.ok()) {
    Log(LogLevel::kInfo, "the store could not be told of this instance",
        {{"error", status.message()}});
  }
  return leaving ? StepResult::Done() : StepResult::At(now.steady + kTellEvery);
}

}  // namespace signinwatch
