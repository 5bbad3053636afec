// Re-exports, nothing else.
export {}
