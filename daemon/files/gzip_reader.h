// Decodes gzip (RFC 1952): any number of members, one after another; zero bytes behind the last
// are padding, as gzip(1) takes them.
#ifndef SIGNINWATCH_DAEMON_FILES_GZIP_READER_H_
#define SIGNINWATCH_DAEMON_FILES_GZIP_READER_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "daemon/files/raw_file.h"

namespace signinwatch::files {

// The two bytes that every member begins with.
inline constexpr std::string_view kGzipMagic = "\x1f\x8b";

class GzipReader {
 public:
  // Holds `input_bytes` and about 50 KB besides.
  explicit GzipReader(size_t input_bytes);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // Begins with a new member, whose first bytes are `prefix`, the rest being read from the file.
  void Begin(std::string_view prefix);

  // Decoded bytes of what `file` goes on with. 0: at the end, after damage (then damage() is set),
  // or after an error of the file. Whatever could be decoded before a damage is given out first.
  [[nodiscard]] size_t Read(RawFile& file, char* to, size_t size);

  // What is wrong with the data, static text; nullptr: nothing so far.
  [[nodiscard]] const char* damage() const { return damage_; }

 private:
  struct Inflater;

  // false: no more input.
  [[nodiscard]] bool Refill(RawFile& file);
  void Decode();
  // Between members: skips padding, recognises the next member or what is none.
  void BeginMember();

  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<char[]> input_;
  size_t input_bytes_;
  bool in_member_ = true;
  bool padding_ = false;
  const char* damage_ = nullptr;
};

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_GZIP_READER_H_
