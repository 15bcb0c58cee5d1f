#include "daemon/signals/partitioner.h"

#include <gtest/gtest.h>

namespace signinwatch::signals {
namespace partitioner_test {

// The vectors of librdkafka's src/rdmurmur2.c and of Kafka's UtilsTest.java.
TEST(Partitioner, HashesAsOthersDo) {
  EXPECT_EQ(Murmur2("kafka"), 0xd067cf64u);
  EXPECT_EQ(Murmur2("giberish123456789"), 0x8f552b0cu);
  EXPECT_EQ(Murmur2("1234"), 0x9fc97b14u);
  EXPECT_EQ(Murmur2("234"), 0xe7c009cau);
  EXPECT_EQ(Murmur2("34"), 0x873930dau);
  EXPECT_EQ(Murmur2("4"), 0x5a4b5ca1u);
  EXPECT_EQ(Murmur2(""), 0x106e08d9u);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("abc")), 479470107);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-long-string")), -985981536);
}

// What Java's DefaultPartitioner gives: toPositive(murmur2(key)) % partitions.
TEST(Partitioner, ChoosesAPartitionOfThoseThereAre) {
  EXPECT_EQ(PartitionOfTenant("foobar", 32), static_cast<int>((-790332482 & 0x7fffffff) % 32));
  EXPECT_EQ(PartitionOfTenant("foobar", 1), 0);
  for (int partitions = 1; partitions < 50; ++partitions) {
    EXPECT_LT(PartitionOfTenant("11111111-2222-4333-8444-555555555555", partitions), partitions);
    EXPECT_GE(PartitionOfTenant("11111111-2222-4333-8444-555555555555", partitions), 0);
  }
}

}  // namespace partitioner_test
}  // namespace signinwatch::signals
