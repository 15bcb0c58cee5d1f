// Offsets committed to the group, for lag tools to read or as the positions of its members: seldom,
// without waiting, and again with the next ones if it fails. For the sources of this folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_OFFSET_COMMITS_H_
#define SIGNINWATCH_DAEMON_KAFKA_OFFSET_COMMITS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "daemon/kafka/client.h"

namespace signinwatch::kafka {

class OffsetCommits {
 public:
  OffsetCommits(std::chrono::microseconds interval, ClientContext* context)
      : interval_(interval), context_(context) {}

  // To be committed when it is time, with a text beside it; as many as there are partitions of the
  // member.
  void Keep(const std::string& topic, int32_t partition, int64_t next_offset,
            std::string note = "") {
    waiting_[{topic, partition}] = {next_offset, std::move(note)};
  }
  // The partition is another member's.
  void Forget(const std::string& topic, int32_t partition) { waiting_.erase({topic, partition}); }

  void CommitIfDue(rd_kafka_t* client);
  // The client's word on what CommitIfDue sent.
  void NoteAnswer(rd_kafka_resp_err_t error);
  // Commits what waits, and waits for the answer.
  void CommitNow(rd_kafka_t* client, std::chrono::milliseconds timeout);

 private:
  [[nodiscard]] PartitionListHandle Take();

  const std::chrono::microseconds interval_;
  ClientContext* const context_;
  struct Waiting {
    int64_t next_offset = 0;
    std::string note;
  };
  std::map<std::pair<std::string, int32_t>, Waiting> waiting_;
  bool in_flight_ = false;
  clock::SteadyTime sent_at_;
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_OFFSET_COMMITS_H_
