// Preloaded into a process whose libraries have CPUID replaced (engines/cpuid.py): answers in CPUID's place, as a CPU
// without AVX-512, AMX and AVX10 would.

#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

namespace {

using SetAction = int (*)(int, const struct sigaction*, struct sigaction*);

// Twice INTO, which 64-bit mode does not have. UD2 would do too, but compilers write it where a program must not go on.
constexpr char kReplacement[] = {'\xce', '\xce'};

template <typename... Bit>
constexpr unsigned Without(Bit... bit) {
  return ~((1U << bit) | ...);
}

// Leaf 7, as Intel's manual numbers its bits.
constexpr unsigned kEbx = Without(16, 17, 21, 26, 27, 28, 30, 31);  // F, DQ, IFMA, PF, ER, CD, BW, VL
constexpr unsigned kEcx = Without(1, 6, 11, 12, 14);                // VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ
constexpr unsigned kEdx = Without(2, 3, 8, 23, 22, 24, 25);         // 4VNNIW, 4FMAPS, VP2INTERSECT, FP16; AMX
constexpr unsigned kEaxOfSubleaf1 = Without(5, 21);                 // BF16; AMX's FP16
constexpr unsigned kEdxOfSubleaf1 = Without(8, 19);                 // AMX's COMPLEX; AVX10

// What the process asks to be done with SIGILL: the signal itself stays with this library.
struct sigaction others{};

SetAction LibcsSigaction() {
  static const auto kFunction = reinterpret_cast<SetAction>(dlsym(RTLD_NEXT, "sigaction"));
  return kFunction;
}

void AnswerCpuid(greg_t* registers) {
  const auto leaf = static_cast<unsigned>(registers[REG_RAX]);
  const auto subleaf = static_cast<unsigned>(registers[REG_RCX]);
  unsigned eax, ebx, ecx, edx;
  __cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
  if (leaf == 7 && subleaf == 0) {
    ebx &= kEbx;
    ecx &= kEcx;
    edx &= kEdx;
  } else if (leaf == 7 && subleaf == 1) {
    eax &= kEaxOfSubleaf1;
    edx &= kEdxOfSubleaf1;
  }
  registers[REG_RAX] = eax;
  registers[REG_RBX] = ebx;
  registers[REG_RCX] = ecx;
  registers[REG_RDX] = edx;
  registers[REG_RIP] += sizeof kReplacement;
}

void OnIllegalInstruction(int number, siginfo_t* info, void* context) {
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (memcmp(reinterpret_cast<const void*>(registers[REG_RIP]), kReplacement, sizeof kReplacement) == 0) {
    AnswerCpuid(registers);
  } else if (others.sa_handler == SIG_DFL || others.sa_handler == SIG_IGN) {
    LibcsSigaction()(SIGILL, &others, nullptr);  // the instruction is tried once more, and ends the process
  } else if (others.sa_flags & SA_SIGINFO) {
    others.sa_sigaction(number, info, context);
  } else {
    others.sa_handler(number);
  }
}

__attribute__((constructor)) void Install() {
  struct sigaction ours{};
  ours.sa_sigaction = OnIllegalInstruction;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  LibcsSigaction()(SIGILL, &ours, &others);
}

}  // namespace

// In the place of libc's: some engines install reporters of crashes.
extern "C" int sigaction(int number, const struct sigaction* action, struct sigaction* old) noexcept {
  if (number != SIGILL) return LibcsSigaction()(number, action, old);
  const struct sigaction before = others;
  if (action) others = *action;
  if (old) *old = before;
  return 0;
}
