#include "tests/daemon/kafka/raw_batch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>

#include "gtest/gtest.h"

namespace signinwatch::kafka {
namespace {

// Big-endian.
template <typename T>
std::string Number(T value) {
  std::string bytes(sizeof(T), '\0');
  for (size_t i = sizeof(T); i-- > 0; value = static_cast<T>(static_cast<uint64_t>(value) >> 8)) {
    bytes[i] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

std::string Text(const std::string& text) {
  return Number(static_cast<int16_t>(text.size())) + text;
}

std::string BytesOf(const RawBatch& batch) {
  const std::string behind_length =
      Number(int32_t{-1}) + Number(int8_t{2}) + Number(uint32_t{0x12345678}) + Number(batch.codec) +
      Number(batch.records - 1) + Number(int64_t{1'764'158'400'000}) +
      Number(int64_t{1'764'158'400'000}) + Number(int64_t{-1}) + Number(int16_t{-1}) +
      Number(int32_t{-1}) + Number(batch.records) + batch.payload;
  return Number(int64_t{0}) + Number(static_cast<int32_t>(behind_length.size())) + behind_length;
}

}  // namespace

void ProduceRaw(const std::string& broker, const std::string& topic, int32_t partition,
                const RawBatch& batch) {
  const std::string bytes = BytesOf(batch);
  constexpr int16_t kProduce = 0, kVersion = 3;
  const std::string request =
      Number(kProduce) + Number(kVersion) + Number(int32_t{1}) + Text("raw") + Number(int16_t{-1}) +
      Number(int16_t{1}) + Number(int32_t{30'000}) + Number(int32_t{1}) + Text(topic) +
      Number(int32_t{1}) + Number(partition) + Number(static_cast<int32_t>(bytes.size())) + bytes;
  const std::string message = Number(static_cast<int32_t>(request.size())) + request;

  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<uint16_t>(std::atoi(broker.substr(broker.rfind(':') + 1).c_str())));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::send(socket, message.data(), message.size(), 0),
            static_cast<ssize_t>(message.size()));
  // size, correlation, topics, name, partitions, partition, error
  std::string answer(4 + 4 + 4 + 2 + topic.size() + 4 + 4 + 2, '\0');
  ASSERT_EQ(::recv(socket, answer.data(), answer.size(), MSG_WAITALL),
            static_cast<ssize_t>(answer.size()));
  EXPECT_EQ(answer.substr(answer.size() - 2), std::string(2, '\0')) << "refused";
  ::close(socket);
}

std::string ZstdBomb(size_t megabytes) {
  // Magic number; no content size; a window of 128 KiB. Then blocks that repeat one byte.
  std::string frame("\x28\xb5\x2f\xfd\x00\x38", 6);
  const size_t blocks = megabytes * 8;
  for (size_t i = 1; i <= blocks; ++i) {
    const uint32_t header = (uint32_t{128 << 10} << 3) | (1u << 1) | (i == blocks ? 1u : 0u);
    frame += {static_cast<char>(header & 0xff), static_cast<char>((header >> 8) & 0xff),
              static_cast<char>((header >> 16) & 0xff), ' '};
  }
  return frame;
}

}  // namespace signinwatch::kafka
