// A batch that the client can't read: compression that can't be undone, a checksum that is wrong, a
// form that is not known. The client fetches it again and again, and says neither how many messages
// it holds nor where it ends. So after some tries its end is looked for by fetching from further
// offsets, twice as far each time, then by halves; when it is found, the beginning is tried a last
// time before the batch is stepped past.
//
//   UnreadableBatch batch(next, reason);
//   Step step = batch.OnError(offset, log_end);      // and so on with what comes of each step
//
// Pure. One for each partition that stands at such a batch; some 40 fetches for a batch of 1,000
// messages. For the sources of this folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_UNREADABLE_BATCH_H_
#define SIGNINWATCH_DAEMON_KAFKA_UNREADABLE_BATCH_H_

#include <cstdint>

#include "daemon/kafka/record_source.h"

namespace signinwatch::kafka {

class UnreadableBatch {
 public:
  // The client tries twice a second.
  static constexpr int kTriesMax = 5;
  // Of silence: each is of many fetches.
  static constexpr int kSilencesMax = 2;

  enum class Do : uint8_t {
    kWait,  // the client fetches again by itself
    kSeek,  // let it fetch from `offset` on, and say what came
    kSkip,  // what lies before `offset` can't be read: go on there, it is over
    kTake,  // it can be read: go on where it stood, it is over
  };
  struct Step {
    Do what = Do::kWait;
    int64_t offset = 0;
  };

  // `next`: the offset that could not be read.
  UnreadableBatch(int64_t next, UnreadableReason reason) : reason_(reason), next_(next) {}

  // The client reports an error. `first`: the first offset of the batch; kUnknownOffset if it does
  // not say. `log_end`: of the partition, as far as it is known.
  Step OnError(int64_t first, int64_t log_end);
  // Nothing came, though there is something: some forms the client passes over without a word.
  Step OnSilence(int64_t log_end);
  // A message, or the end of the log, came at `offset`.
  Step OnReadable(int64_t offset);

  [[nodiscard]] UnreadableReason reason() const { return reason_; }

 private:
  enum class State : uint8_t { kTrying, kGalloping, kNarrowing, kConfirming };

  Step Gallop(int64_t log_end);
  Step Narrow();
  Step Probe(int64_t offset);

  const UnreadableReason reason_;
  const int64_t next_;
  State state_ = State::kTrying;
  int tries_ = 0;
  int64_t inside_ = 0;  // the greatest offset that is known to lie in the batch
  int64_t behind_ = 0;  // the least that is known to lie behind it, once galloping has ended
  int64_t probe_ = 0;   // where it was fetched from last
  int64_t stride_ = 1;
  bool at_log_end_ = false;  // probe_ was the end of the log
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_UNREADABLE_BATCH_H_
