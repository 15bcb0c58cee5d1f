#include "daemon/files/gzip_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace signinwatch::files {
namespace {

// zlib: 15 bits of window, 16 more to expect a gzip header.
constexpr int kGzipWindowBits = 15 + 16;

constexpr char kEndsEarly[] = "gzip data ends early";
constexpr char kCorrupt[] = "gzip data is corrupt";
constexpr char kTrailing[] = "gzip data is followed by something else";

}  // namespace

struct GzipReader::Inflater {
  z_stream z{};
  ~Inflater() { inflateEnd(&z); }
};

GzipReader::GzipReader(size_t input_bytes)
    : inflater_(std::make_unique<Inflater>()),
      input_(std::make_unique_for_overwrite<char[]>(input_bytes)),
      input_bytes_(input_bytes) {
  if (inflateInit2(&inflater_->z, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() = default;

void GzipReader::Begin(std::string_view prefix) {
  z_stream& z = inflater_->z;
  inflateReset(&z);
  std::memcpy(input_.get(), prefix.data(), prefix.size());
  z.next_in = reinterpret_cast<Bytef*>(input_.get());
  z.avail_in = static_cast<uInt>(prefix.size());
  in_member_ = true;
  padding_ = false;
  damage_ = nullptr;
}

bool GzipReader::Refill(RawFile& file) {
  z_stream& z = inflater_->z;
  const size_t n = file.Read(input_.get(), input_bytes_);
  z.next_in = reinterpret_cast<Bytef*>(input_.get());
  z.avail_in = static_cast<uInt>(n);
  if (n == 0 && in_member_ && file.status().ok()) damage_ = kEndsEarly;
  return n != 0;
}

size_t GzipReader::Read(RawFile& file, char* to, size_t size) {
  z_stream& z = inflater_->z;
  const uInt room = static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<uInt>::max()));
  z.next_out = reinterpret_cast<Bytef*>(to);
  z.avail_out = room;
  // inflate may hold decoded bytes back when the output is full, so it is called before there is
  // more input, too.
  while (damage_ == nullptr && z.avail_out == room) {
    if (in_member_) Decode();
    if (z.avail_out != room || damage_ != nullptr) break;
    if (z.avail_in == 0) {
      if (!Refill(file)) break;
    } else if (!in_member_) {
      BeginMember();
    }
  }
  return room - z.avail_out;
}

void GzipReader::Decode() {
  z_stream& z = inflater_->z;
  const int result = inflate(&z, Z_NO_FLUSH);
  if (result == Z_STREAM_END) {
    in_member_ = false;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    damage_ = kCorrupt;
  }
}

void GzipReader::BeginMember() {
  z_stream& z = inflater_->z;
  while (z.avail_in > 0 && *z.next_in == 0) {
    padding_ = true;
    ++z.next_in;
    --z.avail_in;
  }
  if (z.avail_in == 0) return;
  if (padding_ || *z.next_in != static_cast<Bytef>(kGzipMagic[0])) {
    damage_ = kTrailing;
    return;
  }
  inflateReset(&z);
  in_member_ = true;
}

}  // namespace signinwatch::files
