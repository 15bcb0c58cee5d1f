// A block of one file's messages, parsed: what the fold takes from the parse workers.
#ifndef SIGNINWATCH_DAEMON_REPLAY_PARSED_BLOCK_H_
#define SIGNINWATCH_DAEMON_REPLAY_PARSED_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/files/file_source.h"
#include "daemon/shape/message_shape.h"
#include "parser/message_parser.h"

namespace signinwatch::replay {

// The bytes that were parsed are not kept, but for those of rejected records.
class ParsedBlock {
 public:
  // Parses all messages of `block`. `keep_rejected`: whether the bytes of rejected records will be
  // asked for. `unwrap`: input.unwrap. `damage`: the file's, nullptr if there is none (see
  // FileMessage::cut_short).
  void Fill(const files::FileBlock& block, MessageParser& parser, EventTime now, bool keep_rejected,
            bool unwrap, const char* damage);

  [[nodiscard]] size_t size() const { return positions_.size(); }
  [[nodiscard]] const ParsedMessage& message(size_t i) const { return messages_[i]; }
  // Number of the line at which message `i` starts, from 1.
  [[nodiscard]] uint64_t position(size_t i) const { return positions_[i]; }
  // The original bytes of the next rejected record: called for each reject of each message in
  // order, if they were kept.
  [[nodiscard]] std::string_view TakeRejectedBytes(const Reject& reject);
  // What the first message looks like of which no record is of use; nullopt: there is none.
  [[nodiscard]] const std::optional<shape::MessageShape>& unused_shape() const {
    return unused_shape_;
  }

  // Set by whoever read the block.
  bool last = false;               // of its file
  std::string problem;             // why the file was not read to its end; empty: it was
  uint64_t stored_bytes_read = 0;  // of the file, up to the end of this block
  files::ForeignFormat foreign_format = files::ForeignFormat::kNone;  // of the file

 private:
  std::vector<ParsedMessage> messages_;  // may be more than size(): kept for their buffers
  std::vector<uint64_t> positions_;
  std::optional<shape::MessageShape> unused_shape_;
  std::string rejected_;
  size_t rejected_taken_ = 0;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_PARSED_BLOCK_H_
