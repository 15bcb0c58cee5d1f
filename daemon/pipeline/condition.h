// What stands in the way of reading, or may be wrong although reading goes on: a reason that others
// decide by, and a sentence for people. The sentences are made in daemon/serve/readiness.cc, what
// helps against each reason is said in daemon/http/health_advice.cc; nobody looks into a sentence.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_CONDITION_H_
#define SIGNINWATCH_DAEMON_PIPELINE_CONDITION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace signinwatch::pipeline {

struct Condition {
  enum class Reason : uint8_t {
    // Not ready.
    kStopping,
    kReloading,
    kFailed,        // it can't go on
    kNotCommitted,  // nothing can be committed
    kNoBroker,
    kNotAssigned,  // no partition is
    kShared,       // another member of the group reads some of them
    kTakingOver,   // some are being taken over
    // Ready, and yet:
    kUnused,      // nothing in a topic is of use
    kUnreadable,  // a batch can't be read
    kMadeAnew,    // a partition's log is another than the one that was read
  };
  Reason reason = Reason::kFailed;
  std::string sentence = {};
};

[[nodiscard]] inline std::vector<std::string> SentencesOf(
    const std::vector<Condition>& conditions) {
  std::vector<std::string> sentences;
  for (const Condition& condition : conditions) sentences.push_back(condition.sentence);
  return sentences;
}

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_CONDITION_H_
