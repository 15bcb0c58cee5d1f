// Batches that can't be read.
#include <algorithm>

#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {

using Kind = PartitionEvent::Kind;

std::optional<UnreadableReason> KafkaSource::ReasonOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE:  // no memory for what it claims to grow to
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
      return UnreadableReason::kCompression;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return UnreadableReason::kCorrupt;
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
      return UnreadableReason::kFormat;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return UnreadableReason::kTooLarge;
    default:
      return std::nullopt;
  }
}

void KafkaSource::TakeUnreadable(SourcePartition& p, UnreadableReason reason,
                                 const std::string& error, int64_t first) {
  if (p.next == kUnknownOffset) return;  // it starts where the client finds something
  if (p.unreadable() == nullptr) {
    // What stands before it can't be compared any more, if it is part of it.
    p.fetching.emplace<UnreadableBatch>(p.next, reason);
    log::Log(config::LogLevel::kWarning, "a batch can't be read and is retried",
             {{"topic", p.topic},
              {"partition", p.id},
              {"offset", p.next},
              {"reason", UnreadableReasonName(reason)},
              {"error", error}});
  }
  p.silent = 0;
  (void)Proceed(p, p.unreadable()->OnError(first, LogEnd(p)), kUnknownOffset);
}

bool KafkaSource::Proceed(SourcePartition& p, UnreadableBatch::Step step, int64_t offset) {
  switch (step.what) {
    case UnreadableBatch::Do::kWait:
      return false;
    case UnreadableBatch::Do::kSeek:
      SeekTo(p, step.offset);
      return false;
    case UnreadableBatch::Do::kTake:
      log::Log(config::LogLevel::kInfo, "the batch can be read after all",
               {{"topic", p.topic}, {"partition", p.id}, {"offset", p.next}});
      p.fetching.emplace<Onward>();
      return true;
    case UnreadableBatch::Do::kSkip:
      break;
  }
  const UnreadableReason reason = p.unreadable()->reason();
  log::Log(config::LogLevel::kError, "a batch can't be read and is skipped",
           {{"topic", p.topic},
            {"partition", p.id},
            {"from", p.next},
            {"to", step.offset},
            {"reason", UnreadableReasonName(reason)}});
  NoteEvent(Kind::kUnreadable, p, p.next, step.offset);
  events_.back().reason = reason;
  p.fetching.emplace<Onward>();
  p.next = step.offset;
  p.mark = kNoMark;
  if (offset == p.next) return true;
  Seek(p);
  return false;
}

int64_t KafkaSource::LogEnd(const SourcePartition& p) const {
  int64_t start = kUnknownOffset, end = kUnknownOffset;
  rd_kafka_get_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end);
  return std::max(end, kUnknownOffset);
}

// Some forms the client passes over without a word: it fetches, finds no message, and fetches
// again.
void KafkaSource::WatchSilence(SourcePartition& p, bool throttled) {
  const bool silent = ran_dry_ && !throttled && !p.paused && p.state == PartitionState::kReading &&
                      p.held == nullptr && p.next != kUnknownOffset && LogEnd(p) > p.next;
  p.silent = silent ? p.silent + 1 : 0;
  if (p.silent < options_.silent_seconds) return;  // one a second
  if (p.unreadable() == nullptr) {
    TakeUnreadable(p, UnreadableReason::kSilent, "nothing comes, though there is something",
                   kUnknownOffset);
  } else {
    p.silent = 0;
    (void)Proceed(p, p.unreadable()->OnSilence(LogEnd(p)), kUnknownOffset);
  }
}

}  // namespace signinwatch::kafka
