// Whether a log is still the one that was read. A topic that was deleted and made anew, or a hub
// that failed over to another, may have grown beyond the position by the time that it is read
// again: then nothing but its messages tells that it is another.
#include <algorithm>

#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {

bool KafkaSource::Compare(SourcePartition& p, const rd_kafka_message_t& message) {
  p.fetching = Onward{};
  if (message.offset != p.next - 1) {
    // It has expired, or was compacted away: taken on trust.
    log::Log(config::LogLevel::kDebug,
             "the last message that was read is no longer there to compare",
             {{"topic", p.topic}, {"partition", p.id}, {"offset", p.next - 1}});
    return false;
  }
  const std::string_view payload(static_cast<const char*>(message.payload), message.len);
  if (MarkOf(payload, BrokerTimeOf(message)) != p.mark) StartAnew(p);
  return true;
}

void KafkaSource::StartAnew(SourcePartition& p) {
  int64_t start = kUnknownOffset, end = kUnknownOffset;
  rd_kafka_get_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end);
  start = std::max<int64_t>(start, 0);
  log::Log(
      config::LogLevel::kWarning,
      "the topic is not the one that was read before: it was recreated, and is read from its start",
      {{"topic", p.topic}, {"partition", p.id}, {"was", p.next}, {"now", start}});
  NoteEvent(PartitionEvent::Kind::kReset, p, p.next, start);
  p.next = start;
  p.mark = kNoMark;
  Seek(p);
}

}  // namespace signinwatch::kafka
