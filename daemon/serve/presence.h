// Tells the store now and then that this instance is there, for the page of instances: nothing is
// decided by it (daemon/store/instance_store.h).
//
//   Presence presence(*store, clock, [] { return facts; });
//   presence.Start();
//   presence.Stop();      // takes its leave
#ifndef SIGNINWATCH_DAEMON_SERVE_PRESENCE_H_
#define SIGNINWATCH_DAEMON_SERVE_PRESENCE_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "daemon/clock/clock.h"
#include "daemon/pipeline/status.h"
#include "daemon/steps/stage_threads.h"
#include "daemon/steps/step_result.h"
#include "daemon/store/instance_store.h"

namespace signinwatch::serve {

// What an instance says of itself: its host and the address of its pages are its name.
[[nodiscard]] store::InstanceFacts FactsOf(const pipeline::ServeStatus& status,
                                           const std::string& http_address);

class Presence {
 public:
  // Several times within kInstanceShownFor.
  static constexpr std::chrono::seconds kTellEvery{10};

  // `store` and `clock` outlive it; `facts` is called on a thread of its own.
  Presence(store::InstanceStore& store, const clock::Clock& clock,
           std::function<store::InstanceFacts()> facts);
  ~Presence();  // Stop
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  void Start() { threads_.Start(); }
  void Stop();

  // Of the thread; a test calls it by itself.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);

 private:
  store::InstanceStore& store_;
  const std::function<store::InstanceFacts()> facts_;
  std::atomic<bool> leaving_ = false;
  steps::StageThreads threads_;
};

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_PRESENCE_H_
