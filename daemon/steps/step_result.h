// What a stage says at the end of each step: when it wants to be called again.
//
// A stage is a class with
//
//   StepResult Step(Instant now);
//
// that does a bounded piece of work and returns. It has no thread, starts none and never sleeps;
// whoever calls it decides when: threads in the daemon (stage_threads.h), a test with times that it
// chooses, or a scheduler. Called sooner than asked for it does what can be done, or nothing.
#ifndef SIGNINWATCH_DAEMON_STEPS_STEP_RESULT_H_
#define SIGNINWATCH_DAEMON_STEPS_STEP_RESULT_H_

#include "daemon/clock/clock.h"

namespace signinwatch::steps {

struct StepResult {
  // Call at `again_at`, or sooner if the stage is woken: whoever gives it work, or room for its
  // results, says so.
  clock::SteadyTime again_at = clock::SteadyTime::max();
  bool done = false;  // do not call again: it has ended

  static StepResult AtOnce() { return {.again_at = clock::SteadyTime::min()}; }
  static StepResult At(clock::SteadyTime time) { return {.again_at = time}; }
  static StepResult WhenWoken() { return {}; }
  static StepResult Done() { return {.done = true}; }

  friend bool operator==(const StepResult&, const StepResult&) = default;
};

}  // namespace signinwatch::steps

#endif  // SIGNINWATCH_DAEMON_STEPS_STEP_RESULT_H_
