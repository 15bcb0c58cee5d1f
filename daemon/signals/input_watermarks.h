// What one partition of the signal topic knows of the input: which signals it has taken, and how
// far event time has come (SPEC 4, 14).
//
//   InputWatermarks input(time_config);
//   input.Restore(...);                                   // the rows of before, if any
//   size_t first = input.Take(origin, indices);           // signals before `first` are repeated
//   ones input.Hear(watermarks);  input.Hear(sources); detector.AdvanceTo(input.stream_watermark(),
//   now);
//
// It is a function of what the partition's log holds, read from its start: no clock, no I/O. So
// whoever goes on from saved rows, behind whichever message they were saved, comes to the same.
//
// *Signals* come repeated, since an ingest that was killed, or lost its partition, reads again what
// it had not committed. Each producer sends in the order of positions and leaves none out, so what
// is not beyond the last one taken was taken.
//
// *Watermarks* are words of an instance about its source partitions. A word counts
//   - once the last signal that its instance says to have sent has been taken: all before it have;
//   - if it covers no less than the last one that counted: so an instance that was frozen, or one
//     that reads again, says nothing new. A watermark is never lowered.
// The stream's watermark is the least of the source partitions that are listed and not idle. It
// stands until a list has come and each partition on it was heard of. A partition is idle by the
// word of who reads it, as long as that word is renewed: within max_clock_skew of the newest one,
// since the clocks of two instances may differ so much. It is idle too if it was read to its end
// and for idle_timeout lay `alignment` behind the greatest watermark of the others: who reads it
// may not know these. Where all are idle, the watermark is the least of their instances' wall
// clocks less allowed_lateness.
#ifndef SIGNINWATCH_DAEMON_SIGNALS_INPUT_WATERMARKS_H_
#define SIGNINWATCH_DAEMON_SIGNALS_INPUT_WATERMARKS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/signals/signal_message.h"
#include "detectors/config.h"
#include "parser/event_time.h"

namespace signinwatch::signals {

// Not thread-safe.
class InputWatermarks {
 public:
  struct Source {
    std::string topic;
    int32_t partition = 0;
    bool listed = false;
    SourcePosition taken;  // the last signal that was
    // The last word that counted; kBeginningOfTime: none did.
    EventTime heard_at = kBeginningOfTime;  // wall time of its instance
    uint64_t log = 0;
    int64_t next_offset = 0;
    EventTime watermark = kBeginningOfTime;
    bool at_end = false;
    bool idle = false;
    // Wall time since when it is at its end and far behind the others; kEndOfTime: it is not.
    EventTime behind_since = kEndOfTime;
  };

  explicit InputWatermarks(const TimeConfig& config) : config_(config) {}

  // Takes the signals of one message; `indices` rise. How many of the first were taken before, and
  // are not to be applied. nullopt: there are kSourcePartitionsMax source partitions already, so
  // that this can't be one; nothing of it is to be applied.
  [[nodiscard]] std::optional<size_t> Take(const SignalOrigin& origin,
                                           std::span<const uint32_t> indices);
  void Hear(const WatermarksMessage& message);
  void Hear(const SourcesMessage& message);

  // kBeginningOfTime before the first. Never goes back.
  [[nodiscard]] EventTime stream_watermark() const { return stream_; }
  // The newest wall time of any instance; kBeginningOfTime: none was heard.
  [[nodiscard]] EventTime newest_word() const { return newest_word_; }
  [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }
  // Whether it holds nothing back, by all that was heard.
  [[nodiscard]] bool IsIdle(const Source& source) const;
  [[nodiscard]] uint64_t list_version() const { return list_.version; }

  // Rows to keep with the state of before the next message: those that changed since the last call.
  // Keys are unique and at most 300 bytes.
  using RowTaker = std::function<void(std::string key, std::string value)>;
  void SaveChanges(const RowTaker& emit);
  // Once for each row, before anything else, in any order; then Restored. False: it is damaged.
  [[nodiscard]] bool Restore(std::string_view key, std::string_view value);
  // `stream`: the stream's watermark of that moment. Watermarks beyond `now`, the wall clock, are
  // of a machine whose clock was wrong: they are set back to it less allowed_lateness. How many.
  size_t Restored(EventTime stream, EventTime now);

 private:
  [[nodiscard]] Source* Find(const std::string& topic, int32_t partition);
  // nullptr: there are too many.
  [[nodiscard]] Source* FindOrAdd(const std::string& topic, int32_t partition);
  void HearOne(const SourceWatermark& word, EventTime wall_time);
  void NoteBehind();
  void ListSources();
  void Advance();
  void MarkChanged(const Source& source);

  TimeConfig config_;
  std::vector<Source> sources_;
  absl::flat_hash_map<std::pair<std::string, int32_t>, size_t> by_name_;
  SourcesMessage list_;
  EventTime newest_word_ = kBeginningOfTime;
  EventTime stream_ = kBeginningOfTime;
  std::vector<bool> changed_;  // by source
  bool list_changed_ = false;
};

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_DAEMON_SIGNALS_INPUT_WATERMARKS_H_
