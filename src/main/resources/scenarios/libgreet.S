# A library of one function and one pointer, for the scenario "map-a-library": a page of code, and a page of data with a
# pointer that must be relocated to where the library comes to lie. scripts/build-scenario-library makes libgreet.so.
        .text
        .globl  greet
        .type   greet, @function
greet:  ld      a0, pointer     # where the greeting is, known only once the library is loaded
        ret
        .data
        .balign 8
pointer: .dword text
text:   .asciz  "hello from a library"
