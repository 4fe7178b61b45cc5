#include "command/process_facts.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace mailchute {
namespace {

TEST(ProcessFacts, AreReadFromWhatTheKernelWrites) {
  const ProcessFacts facts = parse_process(
      "Name:\tmailchute\nUid:\t0\t998\t998\t998\nCapEff:\t0000000000000400\nNoNewPrivs:\t1\nSeccomp:\t2\n",
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max core file size        0                    unlimited            bytes     \n"
      "Max open files            8192                 524288               files     \n");

  EXPECT_EQ(facts.name, "mailchute");
  EXPECT_EQ(facts.user, 998u);
  EXPECT_EQ(facts.capabilities, 0x400u);
  EXPECT_EQ(facts.no_new_privileges, 1);
  EXPECT_EQ(facts.seccomp, 2);
  EXPECT_EQ(facts.core_bytes_max, 0u);
  EXPECT_EQ(facts.files_max, 8192u);
}

TEST(ProcessFacts, WhatIsNotSaidIsEmpty) {
  const ProcessFacts facts = parse_process("", "Max core file size        unlimited  unlimited  bytes\n");
  EXPECT_EQ(facts.user, std::nullopt);
  EXPECT_EQ(facts.core_bytes_max, UINT64_MAX);
  EXPECT_EQ(facts.files_max, std::nullopt);
}

TEST(ProcessFacts, OfThisProcessCanBeSeen) {
  const auto facts = process_facts(::getpid());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->user, ::geteuid());
  EXPECT_FALSE(process_facts(0));
  EXPECT_FALSE(process_facts(-1));
}

TEST(Listeners, AreFoundByTheirPort) {
  constexpr const char* kTable =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 "
      "100 0\n"
      "   1: 0100007F:0A27 0100007F:0019 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 "
      "100 0\n";
  EXPECT_EQ(listening_inode(kTable, 25), 4711u);
  EXPECT_EQ(listening_inode(kTable, 2599), std::nullopt);  // connected, does not listen
  EXPECT_EQ(listening_inode("", 25), std::nullopt);
}

}  // namespace
}  // namespace mailchute
