// The vendor's refusals: code, published texts, HTTP status (docs/wire/koodrive.md, Error codes).

type Row = readonly [code: number, english: string, chinese: string, status?: number]

const rows = {
  invalidParameters: [13000102, 'Verify parameters failed.', '参数校验失败'],
  internalFailure: [13000201, 'Call internal server failed. Please try again later.', '内部服务调用失败', 500],
  spaceNotFound: [13000301, 'Space not found.', '空间不存在或状态异常'],
  notInSpace: [13000302, 'File is not in the specified space.', '文件不在指定空间'],
  notRecycled: [
    13000303,
    'This operation cannot be performed because the file is not in the recycle bin.',
    '文件不在回收站',
  ],
  badTarget: [13000304, 'Target directory is abnormal.', '目标目录异常'],
  targetRecycled: [13000305, 'Target directory is in the recycle bin.', '目标目录在回收站'],
  recycled: [13000306, 'File is in the recycle bin.', '文件在回收站'],
  nested: [13000307, 'Nested directories.', '目录嵌套'],
  notFound: [13000309, 'Resource not found.', '资源不存在'],
  tooDeep: [13000310, 'Max. levels exceeded.', '超过最大层级'],
  quotaExceeded: [13000311, 'Insufficient space.', '空间不足'],
  alreadyThere: [13000312, 'File already in the target folder.', '文件已在目标文件夹'],
  noUpload: [13000401, 'Upload task not found.', '上传任务不存在'],
  incomplete: [13000402, 'File upload incomplete.', '文件上传不完整'],
  parentRecycled: [13000404, 'Parent directory is in the recycle bin.', '父目录在回收站'],
  duplicateName: [13000405, 'Duplicate file name.', '文件重名'],
  isFolder: [13000406, 'This operation cannot be performed on the folder.', '文件夹不支持该操作'],
  downloadFailed: [13000408, 'Download failed.', '下载失败'],
  uploadFailed: [13000409, 'Upload failed.', '上传失败'],
  noPermission: [13000410, 'No permission on the space.', '没有空间操作权限'],
  fileNotInSpace: [13000411, 'File not in the space.', '文件不在空间中'],
  spaceInactive: [13000412, 'Space is not active.', '空间未激活'],
  badSearchType: [13000413, 'Unsupported search type.', '不支持的搜索类型'],
  noSearchType: [13000414, 'Search type is empty.', '搜索类型为空'],
  teamMismatch: [13000416, 'Space and team do not match.', '空间与团队不匹配'],
  nameTooLong: [13000417, 'File name: Max. 250 characters.', '文件名最长250个字符'],
  badName: [
    13000419,
    'The fileName can not contain \'<>|:"*?/\\\', cannot be "." or "..", and cannot be empty.',
    '文件名包含非法字符',
  ],
} satisfies Record<string, Row>

/** Why a call is refused. */
export type Reason = keyof typeof rows

/** A call refused as the vendor does it. */
export class Refusal extends Error {
  readonly reason: Reason

  constructor(reason: Reason) {
    super(rows[reason][1])
    this.name = 'Refusal'
    this.reason = reason
  }
}

/** Nobody is signed in with what the request carries. How it is answered is a setting. */
export class Unauthenticated extends Error {
  constructor() {
    super('Unauthorized')
    this.name = 'Unauthenticated'
  }
}

const rowOf = (reason: Reason): Row => rows[reason]

export const codeOf = (reason: Reason): number => rowOf(reason)[0]

export const statusOf = (reason: Reason): number => rowOf(reason)[3] ?? 400

export const messageOf = (reason: Reason, language: string | undefined): string =>
  rowOf(reason)[language === 'zh-CN' ? 2 : 1]

/** Does it, and gives the reason if it is refused. */
export const reasonFor = (attempt: () => void): Reason | undefined => {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.reason
    throw error
  }
}
