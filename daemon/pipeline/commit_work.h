// What the fold hands to the commit stage: all that has changed since the last time.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_COMMIT_WORK_H_
#define SIGNINWATCH_DAEMON_PIPELINE_COMMIT_WORK_H_

#include <cstddef>
#include <vector>

#include "daemon/json/dead_letter.h"
#include "daemon/store/state_store.h"

namespace signinwatch::pipeline {

// The one reason that is not the parser's: a batch of messages that Kafka's client can't read. It
// counts as one record, since nobody knows how many it holds, and has no bytes.
inline constexpr char kUnreadableRecord[] = "unreadable";

// Of one shard.
struct CommitWork {
  store::ShardClaim claim = {};  // of the shard that it belongs to
  store::StoreCommit
      commit;  // the revisions without their JSON and sinks: the commit stage adds them
  std::vector<json::DeadLetter> rejected;
  size_t rejected_taken = 0;  // of them, that the dead letters have taken
  bool release = false;       // the claim is given back behind it
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_COMMIT_WORK_H_
