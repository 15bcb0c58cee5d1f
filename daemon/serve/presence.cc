#include "daemon/serve/presence.h"

#include <utility>

#include "daemon/log/log.h"

namespace signinwatch::serve {

Presence::Presence(store::InstanceStore& store, const clock::Clock& clock,
                   std::function<store::InstanceFacts()> facts)
    : store_(store),
      facts_(std::move(facts)),
      threads_(clock, [this](clock::Instant now) { return Step(now); }) {}

Presence::~Presence() { Stop(); }

void Presence::Stop() {
  leaving_ = true;
  threads_.Wake();
  threads_.Join();
}

steps::StepResult Presence::Step(clock::Instant now) {
  const bool leaving = leaving_;
  const absl::Status status =
      leaving ? store_.ForgetInstance() : store_.NoteInstance(facts_(), now.wall);
  // Whoever looks sees that this one has not been heard of.
  if (!status.ok()) {
    log::Log(config::LogLevel::kInfo, "the store could not be told of this instance",
             {{"error", status.message()}});
  }
  return leaving ? steps::StepResult::Done() : steps::StepResult::At(now.steady + kTellEvery);
}

}  // namespace signinwatch::serve
