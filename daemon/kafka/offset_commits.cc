#include "daemon/kafka/offset_commits.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {

PartitionListHandle OffsetCommits::Take() {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(waiting_.size())));
  for (const auto& [partition, waiting] : waiting_) {
    const auto& [topic, id] = partition;
    auto* const element = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), id);
    element->offset = waiting.next_offset;
    if (waiting.note.empty()) continue;
    // The list frees it, by free().
    element->metadata = ::strdup(waiting.note.c_str());
    element->metadata_size = element->metadata == nullptr ? 0 : waiting.note.size();
  }
  waiting_.clear();
  return list;
}

void OffsetCommits::CommitIfDue(rd_kafka_t* client) {
  const auto now = context_->clock().Steady();
  if (waiting_.empty() || in_flight_ || now - sent_at_ < interval_) return;
  sent_at_ = now;
  in_flight_ = rd_kafka_commit(client, Take().get(), /*async=*/1) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void OffsetCommits::NoteAnswer(rd_kafka_resp_err_t error) {
  in_flight_ = false;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  context_->NoteError(absl::StrCat("offsets not committed: ", rd_kafka_err2str(error)));
  log::Log(config::LogLevel::kInfo, "offsets not committed", {{"error", rd_kafka_err2str(error)}});
}

void OffsetCommits::CommitNow(rd_kafka_t* client, std::chrono::milliseconds timeout) {
  if (waiting_.empty()) return;
  const QueueHandle answers(rd_kafka_queue_new(client));
  const auto note = [](rd_kafka_t* /*client*/, rd_kafka_resp_err_t error,
                       rd_kafka_topic_partition_list_t* /*list*/,
                       void* self) { static_cast<OffsetCommits*>(self)->NoteAnswer(error); };
  if (rd_kafka_commit_queue(client, Take().get(), answers.get(), note, this) ==
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_queue_poll_callback(answers.get(), static_cast<int>(timeout.count()));
  }
}

}  // namespace signinwatch::kafka
